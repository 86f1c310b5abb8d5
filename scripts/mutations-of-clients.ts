// Known wrong changes to how clients are read and answered: what is remembered of the request before, and memory that is only lent.

import { type Mutation, tests } from './mutation.js';

export const CLIENTS: readonly Mutation[] = [
  {
    name: 'keeps what one client has sent in memory that the next one writes to',
    file: 'io/session.ts',
    text: '    this.#decoder.release();\n',
    replacement: '',
    killer: tests('io/turns'),
  },
  {
    name: 'answers in one turn what was true in an earlier one',
    file: 'io/session.ts',
    text: '    // Since the last turn everything may have changed.\n    this.#asked = null;\n',
    replacement: '',
    killer: tests('io/session'),
  },
  {
    name: 'answers what was true before the client gave another command',
    file: 'io/session.ts',
    text: 'lookedUp: LookedUp | null, at: Millis): void {\n    this.#asked = null;\n',
    replacement: 'lookedUp: LookedUp | null, at: Millis): void {\n',
    killer: tests('io/session'),
  },
  {
    name: 'compares a request with one whose memory is somebody else’s by now',
    file: 'protocol/last-request.ts',
    text: 'if (this.#length === 0 || this.#bytes === this.#own) return;',
    replacement: 'if (this.#length >= 0) return;',
    killer: tests('protocol/resp-decoder', 'RESP decoder'),
  },
  {
    name: 'takes an argument for the same that only begins like the one before',
    file: 'protocol/last-request.ts',
    text: '(this.#ends[parts] ?? 0) <= bytes',
    replacement: '(this.#ends[parts] ?? 0) <= bytes + 3',
    killer: tests('protocol/resp-decoder', 'RESP decoder'),
  },
  {
    name: 'takes a slow command for as quick as it was once',
    file: 'io/pace.ts',
    text: 'at - begunAt < QUICK ? words : null',
    replacement: 'words',
    killer: tests('io/pace'),
  },
];
