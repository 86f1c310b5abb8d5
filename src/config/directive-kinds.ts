// The kinds of `sentinel …` directives, and how to make those that differ only in the setting they hold.
//
// A directive reads a value into a draft and writes it back from the saved state; both sides of one directive stand
// together, so that they cannot drift apart. Which directives there are is the table in `directives.ts`.

import type { MasterSettings, ProcessSettings, SavedMaster, SavedState } from '../core/state.js';
import { formatYesNo, parseYesNo } from '../protocol/yes-no.js';
import type { Draft, MasterDraft, Reason } from './draft.js';
import { parseEpoch } from './draft.js';
import { parseInteger } from './values.js';

interface Common {
  /** The word after `sentinel`. */
  readonly name: string;
  /** Other words that mean the same. */
  readonly aliases: readonly string[];
  /** Whether a line that uses an alias keeps it when it is rewritten. */
  readonly keepsAlias: boolean;
  /** Whether every line adds something, so that the same line twice is an error. */
  readonly isCumulative: boolean;
  /** What follows the name, for the manual. */
  readonly parameters: string;
  /** The value that holds without a line, and for which none is written; null if nothing holds then. */
  readonly fallback: string | null;
}

/** A directive of the whole process: one value, read before any master. */
export interface ProcessDirective extends Common {
  readonly scope: 'process';
  /** Whether the value always stands in quotes, as the original writes it. */
  readonly isQuoted: boolean;
  read(draft: Draft, value: string): Reason | null;
  /** Null: no line, and lines that stand there go. */
  write(state: SavedState): string | null;
}

/** `monitor`, which creates the master that the directives of the scope `master` name. */
export interface MonitorDirective extends Common {
  readonly scope: 'monitor';
  readonly arity: readonly number[];
  read(draft: Draft, values: readonly string[]): Reason | null;
  write(master: SavedMaster): readonly (readonly string[])[];
}

/** A directive about one master, which must be monitored anywhere in the file. */
export interface MasterDirective extends Common {
  readonly scope: 'master';
  /** How many values may follow the master's name. */
  readonly arity: readonly number[];
  read(master: MasterDraft, values: readonly string[], draft: Draft): Reason | null;
  /** The values after the master's name, for each line that it needs. */
  write(master: SavedMaster): readonly (readonly string[])[];
}

export type SentinelDirective = ProcessDirective | MonitorDirective | MasterDirective;

/** What most directives have in common. */
export const PLAIN = { aliases: [], keepsAlias: false, isCumulative: false } as const;

type KeyOf<Settings, Value> = { [Key in keyof Settings]-?: Settings[Key] extends Value ? Key : never }[keyof Settings];

export function flag(
  name: string,
  key: KeyOf<ProcessSettings, boolean>,
  fallback: boolean,
  noun: 'option' | 'options',
): ProcessDirective {
  return {
    ...PLAIN,
    name,
    scope: 'process',
    isQuoted: false,
    parameters: 'yes|no',
    fallback: formatYesNo(fallback),
    read(draft, value) {
      const parsed = parseYesNo(value);
      if (parsed === null) return `Please specify yes or no for the ${name} ${noun}.`;
      draft.settings[key] = parsed;
      return null;
    },
    write: (state) => formatYesNo(state.settings[key]),
  };
}

export function processText(
  name: string,
  key: 'announceHost' | 'sentinelUser' | 'sentinelPass',
  parameters: string,
  isQuoted: boolean,
): ProcessDirective {
  return {
    ...PLAIN,
    name,
    scope: 'process',
    isQuoted,
    parameters,
    fallback: null,
    read(draft, value) {
      if (value !== '') draft.settings[key] = value;
      return null;
    },
    write: (state) => state.settings[key],
  };
}

export function masterNumber(
  name: string,
  key: KeyOf<MasterSettings, number>,
  options: { parameters: string; fallback: number; minimum: number; reason: Reason; aliases?: readonly string[] },
): MasterDirective {
  return {
    name,
    aliases: options.aliases ?? [],
    keepsAlias: true,
    isCumulative: false,
    scope: 'master',
    parameters: options.parameters,
    fallback: String(options.fallback),
    arity: [1],
    read(master, [value = '']) {
      const parsed = parseInteger(value);
      if (parsed === null || parsed < options.minimum) return options.reason;
      master.settings[key] = parsed;
      return null;
    },
    write: (master) => (master.settings[key] === options.fallback ? [] : [[String(master.settings[key])]]),
  };
}

export function masterFlag(name: string, key: KeyOf<MasterSettings, boolean>, fallback: boolean): MasterDirective {
  return {
    ...PLAIN,
    name,
    scope: 'master',
    parameters: '<master> yes|no',
    fallback: formatYesNo(fallback),
    arity: [1],
    read(master, [value = '']) {
      const parsed = parseYesNo(value);
      if (parsed === null) return `Please specify yes or no for the ${name} option.`;
      master.settings[key] = parsed;
      return null;
    },
    write: (master) => (master.settings[key] === fallback ? [] : [[formatYesNo(master.settings[key])]]),
  };
}

export function masterText(
  name: string,
  key: 'authUser' | 'authPass' | 'notificationScript' | 'clientReconfigScript',
  parameters: string,
  check: (draft: Draft, value: string) => Reason | null = () => null,
): MasterDirective {
  return {
    ...PLAIN,
    name,
    scope: 'master',
    parameters,
    fallback: null,
    arity: [1],
    read(master, [value = ''], draft) {
      const reason = check(draft, value);
      master.settings[key] = value === '' ? null : value;
      return reason;
    },
    write: (master) => {
      const value = master.settings[key];
      return value === null ? [] : [[value]];
    },
  };
}

export function scriptCheck(reason: Reason): (draft: Draft, path: string) => Reason | null {
  return (draft, path) => (draft.isExecutable(path) ? null : reason);
}

/** No epoch of a master is ahead of the current one, whatever a damaged file says. */
export function masterEpoch(name: string, key: 'configEpoch' | 'voteEpoch'): MasterDirective {
  return {
    ...PLAIN,
    name,
    scope: 'master',
    parameters: '<master> <epoch>',
    fallback: null,
    arity: [1],
    read(master, [value = ''], draft) {
      const parsed = parseEpoch(value);
      if (typeof parsed === 'string') return parsed;
      master[key] = parsed;
      draft.currentEpoch = Math.max(draft.currentEpoch, parsed);
      return null;
    },
    write: (master) => [[String(master[key])]],
  };
}
