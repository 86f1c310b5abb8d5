// The flags of the subcommands of ACL.

import type { Flag } from '../command.js';

/** For everybody. */
export const HARMLESS: readonly Flag[] = ['noscript', 'loading', 'stale'];
/** Shows or changes who may do what. */
export const ADMINISTRATION: readonly Flag[] = ['admin', ...HARMLESS];
