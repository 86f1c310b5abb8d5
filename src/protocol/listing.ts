// What `SENTINEL SENTINELS` and the other views of a Sentinel say, as far as another Sentinel reads them: alternating names and
// values, words of the original. Whether any of it is believed is decided in `core/verification.ts`.

import type { Reply } from './reply.js';
import { parsePort } from './words.js';

/** What a Sentinel's list says of one other. */
export interface Listing {
  readonly runId: string;
  readonly host: string;
  readonly port: number;
  /** The lister has a connection to it and finds it alive. */
  readonly isConnected: boolean;
}

/** The Sentinels in a reply to `SENTINEL SENTINELS`; entries that make no sense are left out. */
export function readListings(reply: Reply): Listing[] {
  return Array.isArray(reply) ? reply.flatMap(readListing) : [];
}

function readListing(entry: Reply): Listing[] {
  if (!Array.isArray(entry)) return [];
  const port = parsePort(viewField(entry, 'port'));
  if (port === null) return [];
  const flags = viewField(entry, 'flags').split(',');
  const isConnected = !flags.includes('s_down') && !flags.includes('disconnected');
  return [{ runId: viewField(entry, 'runid'), host: viewField(entry, 'ip'), port, isConnected }];
}

/** The text after this name in a view; empty when there is none. */
export function viewField(view: readonly Reply[], name: string): string {
  const index = view.indexOf(name);
  const value = index < 0 ? undefined : view[index + 1];
  return typeof value === 'string' ? value : '';
}
