// Settings that are read and kept but have no effect in this version. An operator who relies on one must be told at the start.

import { defaultServerSettings, type ServerSettings } from '../config/server-settings.js';

/** The directives in effect that ask for something we do not do, by name, in the order of the documentation. */
export function unhonouredSettings(server: ServerSettings): string[] {
  const standard = defaultServerSettings();
  const asked: readonly (readonly [directive: string, isAsked: boolean])[] = [
    ['syslog-enabled', server.syslogEnabled],
    ['daemonize', server.daemonize],
    ['supervised', server.supervised !== standard.supervised],
  ];
  return asked.filter(([, isAsked]) => isAsked).map(([directive]) => directive);
}
