// The table of the server directives that Vedette honours: how each is read into `ServerSettings` and written back.
//
// Validation and its wording are Redis's, because operators search for those sentences. A directive that holds one value
// differs from its like only in its setting and bounds, so most of the table is made by the functions above it.

import { formatYesNo, parseYesNo } from '../protocol/yes-no.js';
import { joinArguments, quoteArgument, splitArguments } from './arguments.js';
import { BAD_DIRECTIVE, CLIENT_CLASS_NAMES } from './directives.js';
import type { Reason } from './draft.js';
import { MAX_BIND_ADDRESSES } from './limits.js';
import type { ClientClass, OutputBufferLimit, ServerSettings } from './server-settings.js';
import { defaultServerSettings } from './server-settings.js';
import { formatMemory, parseInteger, parseMemory, parseOctal } from './values.js';

/** A line that a directive needs in the file. */
export interface ServerLine {
  /** What tells it from the directive's other lines: the class of clients, the name of a user; null if it has only one. */
  readonly subject: string | null;
  /** What follows the name, as it is written. */
  readonly values: string;
  /** Whether it only repeats what holds without it: then it replaces a line, but is not added. */
  readonly isDefault: boolean;
}

export interface ServerDirective {
  readonly name: string;
  /** Whether it may stand in several lines, which are told apart by their first value. */
  readonly hasSubject: boolean;
  /** Whether every line adds something, so that the same line twice is an error. */
  readonly isCumulative: boolean;
  read(settings: ServerSettings, values: readonly string[]): Reason | null;
  /** No line: those that stand there go. */
  write(settings: ServerSettings): readonly ServerLine[];
}

type KeyOf<Value> = {
  [Key in keyof ServerSettings]: ServerSettings[Key] extends Value ? Key : never;
}[keyof ServerSettings];
type TextKey = {
  [Key in keyof ServerSettings]: string extends ServerSettings[Key] ? Key : never;
}[keyof ServerSettings];
type OptionalTextKey = { [Key in TextKey]: null extends ServerSettings[Key] ? Key : never }[TextKey];

const DEFAULTS: Readonly<ServerSettings> = defaultServerSettings();
const MAX_INT = 2 ** 31 - 1;
const MAX_UNSIGNED_INT = 2 ** 32 - 1;
const MAX_PORT = 65_535;
const MAX_PERMISSIONS = 0o777;
const CLIENT_CLASSES: readonly ClientClass[] = ['normal', 'replica', 'pubsub'];

/** A directive that takes exactly one value. */
function single(
  name: string,
  read: (settings: ServerSettings, value: string) => Reason | null,
  write: (settings: Readonly<ServerSettings>) => string | null,
): ServerDirective {
  const fallback = write(DEFAULTS);
  return {
    name,
    hasSubject: false,
    isCumulative: false,
    read(settings, values) {
      const [value] = values;
      return value === undefined || values.length > 1 ? 'wrong number of arguments' : read(settings, value);
    },
    write(settings) {
      const values = write(settings);
      return values === null ? [] : [{ subject: null, values, isDefault: values === fallback }];
    },
  };
}

/** A directive that takes any number of values, also as one quoted word that holds them all. */
function list(
  name: string,
  read: (settings: ServerSettings, values: readonly string[]) => Reason | null,
  write: (settings: ServerSettings) => readonly ServerLine[],
): ServerDirective {
  return {
    name,
    hasSubject: false,
    isCumulative: false,
    read(settings, values) {
      const [only] = values;
      if (values.length !== 1 || only === undefined || only === '') return read(settings, values);
      const words = splitArguments(only);
      return words === null ? 'Unbalanced quotes in configuration line' : read(settings, words);
    },
    write,
  };
}

function integer(name: string, key: KeyOf<number>, minimum: number, maximum: number): ServerDirective {
  return single(
    name,
    (settings, value) => {
      const parsed = parseInteger(value);
      if (parsed === null) return "argument couldn't be parsed into an integer";
      if (parsed < minimum || parsed > maximum) return outOfBounds(String(minimum), String(maximum));
      settings[key] = parsed;
      return null;
    },
    (settings) => String(settings[key]),
  );
}

function outOfBounds(minimum: string, maximum: string): Reason {
  return `argument must be between ${minimum} and ${maximum} inclusive`;
}

function yesNo(name: string, key: KeyOf<boolean>): ServerDirective {
  return single(
    name,
    (settings, value) => {
      const parsed = parseYesNo(value);
      if (parsed === null) return "argument must be 'yes' or 'no'";
      settings[key] = parsed;
      return null;
    },
    (settings) => formatYesNo(settings[key]),
  );
}

/** A text of which the empty one is a value of its own. */
function text(name: string, key: Exclude<TextKey, OptionalTextKey>): ServerDirective {
  return single(
    name,
    (settings, value) => {
      settings[key] = value;
      return null;
    },
    (settings) => quoteArgument(settings[key]),
  );
}

/** A text of which the empty one means none. */
function optionalText(name: string, key: OptionalTextKey): ServerDirective {
  return single(
    name,
    (settings, value) => {
      settings[key] = value === '' ? null : value;
      return null;
    },
    (settings) => {
      const value = settings[key];
      return value === null ? null : quoteArgument(value);
    },
  );
}

function choice<Value extends string>(
  name: string,
  choices: readonly Value[],
  write: (settings: Readonly<ServerSettings>) => Value,
  assign: (settings: ServerSettings, value: Value) => void,
): ServerDirective {
  return single(
    name,
    (settings, value) => {
      const chosen = choices.find((candidate) => candidate === value.toLowerCase());
      if (chosen === undefined) return `argument(s) must be one of the following: ${choices.join(', ')}`;
      assign(settings, chosen);
      return null;
    },
    write,
  );
}

const UNIX_SOCKET_PERMISSIONS = single(
  'unixsocketperm',
  (settings, value) => {
    const parsed = parseOctal(value);
    if (parsed === null) return "argument couldn't be parsed as an octal number";
    if (parsed > MAX_PERMISSIONS) return outOfBounds('0', MAX_PERMISSIONS.toString(8));
    settings.unixsocketperm = parsed;
    return null;
  },
  (settings) => settings.unixsocketperm.toString(8),
);

const BIND = list(
  'bind',
  (settings, values) => {
    if (values.length > MAX_BIND_ADDRESSES) return 'Too many bind addresses specified.';
    settings.bind = values.length === 1 && values[0] === '' ? [] : values;
    return null;
  },
  ({ bind }) => {
    const isDefault = bind.length === DEFAULTS.bind.length && bind.every((host, at) => host === DEFAULTS.bind[at]);
    if (isDefault) return [];
    return [{ subject: null, values: bind.length === 0 ? '""' : joinArguments(bind), isDefault }];
  },
);

const CLIENT_OUTPUT_BUFFER_LIMIT: ServerDirective = {
  ...list('client-output-buffer-limit', readOutputBufferLimits, (settings) =>
    CLIENT_CLASSES.map((clientClass) => {
      const values = writeOutputBufferLimit(clientClass, settings);
      return { subject: clientClass, values, isDefault: values === writeOutputBufferLimit(clientClass, DEFAULTS) };
    }),
  ),
  hasSubject: true,
};

function readOutputBufferLimits(settings: ServerSettings, values: readonly string[]): Reason | null {
  if (values.length % 4 !== 0) return 'Wrong number of arguments in buffer limit configuration.';
  const limits = { ...settings.clientOutputBufferLimit };
  for (let at = 0; at < values.length; at += 4) {
    const [className = '', hard = '', soft = '', seconds = ''] = values.slice(at, at + 4);
    const clientClass = CLIENT_CLASS_NAMES.get(className.toLowerCase());
    if (clientClass === undefined) return 'Invalid client class specified in buffer limit configuration.';
    const limit = parseOutputBufferLimit(hard, soft, seconds);
    if (limit === null) return 'Error in hard, soft or soft_seconds setting in buffer limit configuration.';
    limits[clientClass] = limit;
  }
  settings.clientOutputBufferLimit = limits;
  return null;
}

function parseOutputBufferLimit(hard: string, soft: string, seconds: string): OutputBufferLimit | null {
  const hardBytes = parseMemory(hard);
  const softBytes = parseMemory(soft);
  const softSeconds = parseInteger(seconds);
  if (hardBytes === null || softBytes === null || softSeconds === null || softSeconds < 0) return null;
  return { hard: hardBytes, soft: softBytes, softSeconds };
}

function writeOutputBufferLimit(clientClass: ClientClass, settings: Readonly<ServerSettings>): string {
  const { hard, soft, softSeconds } = settings.clientOutputBufferLimit[clientClass];
  return `${clientClass} ${formatMemory(hard)} ${formatMemory(soft)} ${softSeconds}`;
}

const USER: ServerDirective = {
  name: 'user',
  hasSubject: true,
  isCumulative: true,
  read(settings, values) {
    if (values.length === 0) return BAD_DIRECTIVE;
    settings.users = [...settings.users, values];
    return null;
  },
  write: (settings) =>
    settings.users.map((words) => ({ subject: words[0] ?? null, values: joinArguments(words), isDefault: false })),
};

/** In the order in which new lines are appended. */
export const SERVER_DIRECTIVES: readonly ServerDirective[] = [
  integer('port', 'port', 0, MAX_PORT),
  BIND,
  optionalText('unixsocket', 'unixsocket'),
  UNIX_SOCKET_PERMISSIONS,
  integer('tcp-backlog', 'tcpBacklog', 0, MAX_INT),
  integer('tcp-keepalive', 'tcpKeepalive', 0, MAX_INT),
  integer('timeout', 'timeout', 0, MAX_INT),
  integer('maxclients', 'maxclients', 1, MAX_UNSIGNED_INT),
  yesNo('protected-mode', 'protectedMode'),
  optionalText('dir', 'dir'),
  text('logfile', 'logfile'),
  choice(
    'loglevel',
    ['debug', 'verbose', 'notice', 'warning', 'nothing'],
    (settings) => settings.loglevel,
    (settings, level) => {
      settings.loglevel = level;
    },
  ),
  yesNo('syslog-enabled', 'syslogEnabled'),
  text('syslog-ident', 'syslogIdent'),
  choice(
    'syslog-facility',
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    (settings) => settings.syslogFacility,
    (settings, facility) => {
      settings.syslogFacility = facility;
    },
  ),
  optionalText('pidfile', 'pidfile'),
  yesNo('daemonize', 'daemonize'),
  choice(
    'supervised',
    ['upstart', 'systemd', 'auto', 'no'],
    (settings) => settings.supervised,
    (settings, supervised) => {
      settings.supervised = supervised;
    },
  ),
  integer('tls-port', 'tlsPort', 0, MAX_PORT),
  yesNo('tls-replication', 'tlsReplication'),
  yesNo('tls-cluster', 'tlsCluster'),
  choice(
    'tls-auth-clients',
    ['no', 'yes', 'optional'],
    (settings) => settings.tlsAuthClients,
    (settings, mode) => {
      settings.tlsAuthClients = mode;
    },
  ),
  optionalText('tls-cert-file', 'tlsCertFile'),
  optionalText('tls-key-file', 'tlsKeyFile'),
  optionalText('tls-key-file-pass', 'tlsKeyFilePass'),
  optionalText('tls-client-cert-file', 'tlsClientCertFile'),
  optionalText('tls-client-key-file', 'tlsClientKeyFile'),
  optionalText('tls-client-key-file-pass', 'tlsClientKeyFilePass'),
  optionalText('tls-dh-params-file', 'tlsDhParamsFile'),
  optionalText('tls-ca-cert-file', 'tlsCaCertFile'),
  optionalText('tls-ca-cert-dir', 'tlsCaCertDir'),
  optionalText('tls-protocols', 'tlsProtocols'),
  optionalText('tls-ciphers', 'tlsCiphers'),
  optionalText('tls-ciphersuites', 'tlsCiphersuites'),
  yesNo('tls-prefer-server-ciphers', 'tlsPreferServerCiphers'),
  yesNo('tls-session-caching', 'tlsSessionCaching'),
  integer('tls-session-cache-size', 'tlsSessionCacheSize', 0, MAX_INT),
  integer('tls-session-cache-timeout', 'tlsSessionCacheTimeout', 0, MAX_INT),
  CLIENT_OUTPUT_BUFFER_LIMIT,
  optionalText('requirepass', 'requirepass'),
  text('aclfile', 'aclfile'),
  USER,
];
