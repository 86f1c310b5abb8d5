// The error replies of a simulated Redis server, in Redis 7.0's words: Sentinels and clients tell them apart by their codes.

import { ErrorReply } from '../../src/protocol/reply.js';

export const MISCONF = new ErrorReply(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
);
export const NOREPLICAS = new ErrorReply('NOREPLICAS Not enough good replicas to write.');
export const READONLY = new ErrorReply("READONLY You can't write against a read only replica.");
export const MASTERDOWN = new ErrorReply(
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
);
export const LOADING = new ErrorReply('LOADING Redis is loading the dataset in memory');
export const BUSY = new ErrorReply(
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
);
export const SYNTAX = new ErrorReply('ERR syntax error');
export const NEEDS_AUTHENTICATION = new ErrorReply('NOAUTH Authentication required.');
export const WRONG_PASSWORD = new ErrorReply('WRONGPASS invalid username-password pair or user is disabled.');
export const NOMASTERLINK = new ErrorReply("NOMASTERLINK Can't SYNC while not connected with my master");
