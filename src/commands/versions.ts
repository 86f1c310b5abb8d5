// The version of Redis Sentinel whose commands, fields and texts we keep to. Clients decide by it what they may send.

export const COMPATIBLE_VERSION = '7.2.4';
