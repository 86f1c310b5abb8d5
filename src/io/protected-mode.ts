// Protected mode: a Sentinel that asks for no password serves only this host. Which clients are local, and what others are told.

import { isIPv4, type Socket } from 'node:net';

/** What a client of another host reads before it is closed. It begins as Redis's, by which clients and operators know it. */
export const PROTECTED = `-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. \
In this mode connections are only accepted from the loopback interface. \
If you want to connect from external computers, either set a password with requirepass, or for the default user, \
or set protected-mode to no in the configuration file and restart the Sentinel, if nobody else can reach its port.\r\n`;

/** Whether the client came over the loopback interface or a Unix socket. */
export function isFromThisHost(socket: Pick<Socket, 'remoteAddress' | 'localAddress'>): boolean {
  const { remoteAddress, localAddress } = socket;
  // Neither end has an address: a Unix socket.
  if (remoteAddress === undefined) return localAddress === undefined;
  const address = remoteAddress.replace(/^::ffff:/, '');
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}
