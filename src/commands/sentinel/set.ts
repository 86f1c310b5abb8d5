// SENTINEL SET: settings of one master at run time, one or several in a call.
//
// All of a call is checked before any of it is done, so an error means that nothing has changed. (The original does what
// stands before the mistake.) Each option is one `+set` event.

import { applySettings } from '../../core/administration.js';
import { describeMaster } from '../../core/description.js';
import type { Master } from '../../core/master.js';
import type { MasterSettings } from '../../core/state.js';
import { ErrorReply } from '../../protocol/reply.js';
import { parseYesNo } from '../../protocol/yes-no.js';
import { error, parseSetting } from '../arguments.js';
import type { Context, Description } from '../command.js';
import { ADMIN, MAX_QUORUM, okAfterSave, withMaster } from './common.js';

const SCRIPTS_DENIED = new ErrorReply(
  'ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration',
);

/** A checked change that waits to be made. */
interface Change {
  readonly key: keyof MasterSettings;
  /** What the event says of it; passwords are masked. */
  readonly words: readonly string[];
  apply(settings: MasterSettings): void;
}

/** An option as clients name it: how many values follow, and what they mean. */
interface Option {
  readonly values: number;
  /** The change, the value that is not valid, or the error reply. */
  check(context: Context, values: readonly string[]): Pick<Change, 'key' | 'apply'> | Invalid | ErrorReply;
  readonly isSecret?: boolean;
}

class Invalid {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}

type NumberKey =
  | 'downAfter'
  | 'failoverTimeout'
  | 'parallelSyncs'
  | 'quorum'
  | 'masterRebootDownAfter'
  | 'downAfterRefused';
type TextKey = 'authUser' | 'authPass' | 'notificationScript' | 'clientReconfigScript';

const OPTIONS: ReadonlyMap<string, Option> = new Map([
  ['down-after-milliseconds', numberOption('downAfter', 1)],
  ['failover-timeout', numberOption('failoverTimeout', 1)],
  ['parallel-syncs', numberOption('parallelSyncs', 1)],
  ['quorum', numberOption('quorum', 1, MAX_QUORUM)],
  [
    'notification-script',
    scriptOption('notificationScript', 'Notification script seems non existing or non executable'),
  ],
  [
    'client-reconfig-script',
    scriptOption('clientReconfigScript', 'Client reconfiguration script seems non existing or non executable'),
  ],
  ['auth-pass', { ...textOption('authPass'), isSecret: true }],
  ['auth-user', textOption('authUser')],
  ['rename-command', renameOption()],
  ['master-reboot-down-after-period', numberOption('masterRebootDownAfter', 0)],
  ['primary-reboot-down-after-period', numberOption('masterRebootDownAfter', 0)],
  ['down-after-refused-milliseconds', numberOption('downAfterRefused', 0)],
  ['fence-isolated-master', flagOption('fenceIsolatedMaster')],
]);

export const set: Description = {
  name: 'set',
  arity: -5,
  since: '2.8.4',
  summary: 'Change settings of this master.',
  complexity: 'O(N) where N is the number of options',
  flags: ADMIN,
  arguments: [
    { name: 'master-name', type: 'string' },
    {
      name: 'data',
      type: 'block',
      isMultiple: true,
      arguments: [
        { name: 'option', type: 'string' },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  run: withMaster((context, master, words) => {
    const changes = checkAll(context, words.slice(3));
    if (changes instanceof ErrorReply) return changes;
    makeChanges(context, master, changes);
    return okAfterSave(context);
  }),
};

function checkAll(context: Context, words: readonly string[]): readonly Change[] | ErrorReply {
  const changes: Change[] = [];
  for (let at = 0; at < words.length; ) {
    const name = words[at] ?? '';
    const option = OPTIONS.get(name.toLowerCase());
    const values = words.slice(at + 1, at + 1 + (option?.values ?? 0));
    if (option === undefined || values.length < option.values) {
      return error(`Unknown option or number of arguments for SENTINEL SET '${name}'`);
    }
    const checked = option.check(context, values);
    if (checked instanceof ErrorReply) return checked;
    if (checked instanceof Invalid) return error(`Invalid argument '${checked.value}' for SENTINEL SET '${name}'`);
    changes.push({ ...checked, words: [name, ...(option.isSecret ? ['******'] : values)] });
    at += 1 + option.values;
  }
  return changes;
}

function makeChanges({ sentinel, now }: Context, master: Master, changes: readonly Change[]): void {
  const { core } = sentinel;
  for (const change of changes) {
    change.apply(master.settings);
    core.announce('warning', '+set', master, `${describeMaster(core, master)} ${change.words.join(' ')}`, now);
  }
  applySettings(core, master, new Set(changes.map(({ key }) => key)), now);
}

function numberOption(key: NumberKey, minimum: number, maximum = Number.MAX_SAFE_INTEGER): Option {
  return {
    values: 1,
    check(_context, [value = '']) {
      const parsed = parseSetting(value, minimum);
      if (parsed === null || parsed > maximum) return new Invalid(value);
      return {
        key,
        apply: (settings) => {
          settings[key] = parsed;
        },
      };
    },
  };
}

function flagOption(key: 'fenceIsolatedMaster'): Option {
  return {
    values: 1,
    check(_context, [value = '']) {
      const flag = parseYesNo(value);
      if (flag === null) return new Invalid(value);
      return {
        key,
        apply: (settings) => {
          settings[key] = flag;
        },
      };
    },
  };
}

/** An empty text takes the setting away. */
function textOption(key: TextKey): Option {
  return {
    values: 1,
    check: (_context, [value = '']) => ({
      key,
      apply: (settings) => {
        settings[key] = value === '' ? null : value;
      },
    }),
  };
}

function scriptOption(key: TextKey, unusable: string): Option {
  const text = textOption(key);
  return {
    values: 1,
    check(context, values) {
      if (context.sentinel.core.settings.denyScriptsReconfig) return SCRIPTS_DENIED;
      const [path = ''] = values;
      return path === '' || context.host.isExecutable(path) ? text.check(context, values) : error(unusable);
    },
  };
}

/** Kept by the standard name in upper case; a command renamed to itself has no entry. */
function renameOption(): Option {
  return {
    values: 2,
    check(_context, [standard = '', renamed = '']) {
      if (standard === '' || renamed === '') return new Invalid('');
      return {
        key: 'renamedCommands',
        apply({ renamedCommands }) {
          const name = standard.toUpperCase();
          if (name === renamed.toUpperCase()) renamedCommands.delete(name);
          else renamedCommands.set(name, renamed);
        },
      };
    },
  };
}
