// Loads ioredis, the way that costs least. It says nothing about how ioredis is used: see connection.ts.
//
// ioredis is a CommonJS package. An `import` would first search each of its sixty files for the names that it exports, and then load
// them; that takes twice as long as `require`, and it is the largest part of our start.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const { AbstractConnector, Redis } = require('ioredis') as typeof import('ioredis');
export type Redis = InstanceType<typeof Redis>;

/** What ioredis hands the bytes of a connection to. */
export const DataHandler = (require('ioredis/built/DataHandler.js') as typeof import('ioredis/built/DataHandler.js'))
  .default;
