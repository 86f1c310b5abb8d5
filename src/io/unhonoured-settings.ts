// Settings that are read and kept but have no effect in this version. An operator who relies on one must be told at the start.

import { defaultServerSettings, type ServerSettings } from '../config/server-settings.js';

/** What stock Sentinels write into every file, and what holds here anyway: everybody may do everything. */
const OPEN_DEFAULT_USER = /^default on nopass( sanitize-payload)? ~\* &\* \+@all$/;

/** The directives in effect that ask for something we do not do, by name, in the order of the documentation. */
export function unhonouredSettings(server: ServerSettings): string[] {
  const standard = defaultServerSettings();
  const isRestricted = server.users.some((words) => !OPEN_DEFAULT_USER.test(words.join(' ')));
  const asked: readonly (readonly [directive: string, isAsked: boolean])[] = [
    ['unixsocket', server.unixsocket !== null],
    ['protected-mode', server.protectedMode],
    ['aclfile', server.aclfile !== ''],
    ['user', isRestricted],
    ['syslog-enabled', server.syslogEnabled],
    ['daemonize', server.daemonize],
    ['supervised', server.supervised !== standard.supervised],
    ['tls-port', server.tlsPort !== standard.tlsPort],
    ['tls-replication', server.tlsReplication],
  ];
  return asked.filter(([, isAsked]) => isAsked).map(([directive]) => directive);
}
