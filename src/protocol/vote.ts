// The vote message on `__sentinel__:vote`: a hello's eight fields and, as the ninth, whether the sender finds the master
// subjectively down. Here is only its form; what it is worth is decided in `core/vote.ts`.
//
// Stock Sentinels do not subscribe to the channel, and would ignore nine fields.

import { formatHello, type Hello, helloFrom, splitPayload } from './hello.js';

export interface VoteMessage extends Hello {
  readonly verdict: 'sdown' | 'up';
}

const VOTE_FIELDS = 9;

/** The vote in this payload, or null unless it has exactly nine fields and each is what it should be. */
export function parseVote(payload: string): VoteMessage | null {
  const fields = splitPayload(payload, VOTE_FIELDS);
  if (fields === null) return null;
  const verdict = fields[VOTE_FIELDS - 1];
  if (verdict !== 'sdown' && verdict !== 'up') return null;
  const hello = helloFrom(fields);
  return hello === null ? null : { ...hello, verdict };
}

/** The payload that says this; `parseVote` reads it back. */
export function formatVote(vote: VoteMessage): string {
  return `${formatHello(vote)},${vote.verdict}`;
}
