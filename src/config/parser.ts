// From the text of a sentinel.conf to values: what the operator decides, and what was saved.
//
// Directives may stand in any order. Those of the server take effect as they are read; `sentinel …` directives wait until
// the whole file has been read and are then applied by scope: the process, the monitored masters, the facts about each.
// Like the original, the first line that cannot be accepted stops the start.

import type { SavedState } from '../core/state.js';
import type { Epoch, RunId } from '../core/types.js';
import type { SentinelDirective } from './directive-kinds.js';
import type { Draft, MasterDraft, Reason } from './draft.js';
import { addFailover, addReign, emptyDraft, finishDraft, markUnproven } from './draft.js';
import type { Fact } from './facts.js';
import type { ConfigurationFile, FileLine } from './file.js';
import { readFile } from './file.js';
import { MAX_INCLUDE_DEPTH } from './limits.js';
import type { ServerSettings } from './server-settings.js';
import { defaultServerSettings } from './server-settings.js';

export interface Configuration {
  /** The lines of the text, to be rewritten in place. */
  readonly file: ConfigurationFile;
  readonly state: SavedState;
  readonly server: ServerSettings;
  /**
   * Saved facts that were not believed, and will be gone with the next rewrite unless they are mere comments: malformed or
   * about a master that is not monitored, Sentinels without a valid run id, more peers or replicas than the limits allow.
   */
  readonly ignoredFacts: number;
}

/** What the parser cannot know from text. Relative paths refer to `directory`, or where it is null to where we are. */
export interface Surroundings {
  /** Whether there is a file at this path that may be executed. */
  isExecutable(path: string, directory: string | null): boolean;
  /**
   * The files that an `include` names, in order. A pattern with `*`, `?` or `[` may match none; a text is the reason why a file
   * cannot be read.
   */
  readIncluded(pattern: string, directory: string | null): readonly IncludedFile[] | Reason;
}

export interface IncludedFile {
  readonly path: string;
  readonly text: string;
}

/** Takes every script for executable and every included file for unreadable. */
const TRUSTING: Surroundings = { isExecutable: () => true, readIncluded: () => "Can't open the included file." };

/** A line that cannot be accepted, for the operator to correct. */
export class ConfigurationError extends Error {
  /** The included file that the line stands in; null for the main file. */
  readonly file: string | null;
  /** Counted from 1. */
  readonly lineNumber: number;
  /** The line without blanks at either end. */
  readonly line: string;
  readonly reason: Reason;

  constructor({ file, lineNumber, line }: Place, reason: Reason) {
    super(`line ${lineNumber}: ${reason}`);
    this.name = 'ConfigurationError';
    this.file = file;
    this.lineNumber = lineNumber;
    this.line = line;
    this.reason = reason;
  }
}

interface Place {
  readonly file: string | null;
  readonly lineNumber: number;
  readonly line: string;
}

interface QueuedDirective {
  /** Null for a directive that does not exist. */
  readonly directive: SentinelDirective | null;
  readonly values: readonly string[];
  readonly place: Place;
}

/** Reads a configuration. Throws `ConfigurationError` for the first line that cannot be accepted. */
export function parseConfiguration(text: string, surroundings: Surroundings = TRUSTING): Configuration {
  const file = readFile(text);
  const reader = new ServerReader(surroundings);
  reader.read(file, null, 0);
  reader.checkUsers();
  const { server, queue } = reader;
  const draft = emptyDraft((path) => surroundings.isExecutable(path, server.dir));
  draft.settings.port = announcedPort(server);
  for (const scope of ['process', 'monitor', 'master'] as const) {
    for (const queued of queue) if ((queued.directive?.scope ?? 'master') === scope) applyDirective(draft, queued);
  }
  for (const line of file.lines) applyFact(draft, line);
  return { file, state: finishDraft(draft), server, ignoredFacts: draft.ignoredFacts };
}

/** The port at which others reach us unless `announce-port` says otherwise. */
function announcedPort({ port, tlsPort, tlsReplication }: ServerSettings): number {
  return tlsReplication && tlsPort !== 0 ? tlsPort : port;
}

/** The first pass: applies the server's directives, follows includes, and queues what is Sentinel's. */
class ServerReader {
  readonly server = defaultServerSettings();
  readonly queue: QueuedDirective[] = [];
  readonly #surroundings: Surroundings;
  /** Where a file of users is named, to tell when `user` lines contradict it. */
  #aclFilePlace: Place | null = null;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  read(file: ConfigurationFile, path: string | null, depth: number): void {
    for (const [at, line] of file.lines.entries()) {
      const place: Place = { file: path, lineNumber: at + 1, line: line.text };
      const reason = this.#readLine(line, place, depth);
      if (reason !== null) throw new ConfigurationError(place, reason);
    }
  }

  checkUsers(): void {
    if (this.#aclFilePlace === null || this.server.aclfile === '' || this.server.users.length === 0) return;
    throw new ConfigurationError(
      this.#aclFilePlace,
      'Users can be defined in an ACL file or by user lines, not by both.',
    );
  }

  #readLine({ meaning }: FileLine, place: Place, depth: number): Reason | null {
    switch (meaning.kind) {
      case 'text':
      case 'fact':
      case 'malformed-fact':
        return null;
      case 'invalid':
      case 'preserved':
        return meaning.reason;
      case 'include':
        return this.#include(meaning.pattern, depth);
      case 'unknown-sentinel':
        this.queue.push({ directive: null, values: [], place });
        return null;
      case 'sentinel':
        this.queue.push({ directive: meaning.directive, values: meaning.values, place });
        return refuseIncluded(meaning.directive.isCumulative, place);
      case 'server':
        if (meaning.directive.name === 'aclfile') this.#aclFilePlace = place;
        return (
          refuseIncluded(meaning.directive.isCumulative, place) ?? meaning.directive.read(this.server, meaning.values)
        );
    }
  }

  #include(pattern: string, depth: number): Reason | null {
    if (depth === MAX_INCLUDE_DEPTH) return 'Too many nested include directives.';
    const included = this.#surroundings.readIncluded(pattern, this.server.dir);
    if (typeof included === 'string') return included;
    for (const { path, text } of included) this.read(readFile(text), path, depth + 1);
    return null;
  }
}

/** The rewrite puts the whole state into the main file; what adds up would then be there twice at the next start. */
function refuseIncluded(isCumulative: boolean, { file }: Place): Reason | null {
  return isCumulative && file !== null ? 'This directive must stand in the main configuration file.' : null;
}

function applyDirective(draft: Draft, { directive, values, place }: QueuedDirective): void {
  const reason = directive === null ? UNRECOGNIZED : readDirective(draft, directive, values);
  if (reason !== null) throw new ConfigurationError(place, reason);
}

const UNRECOGNIZED: Reason = 'Unrecognized sentinel configuration statement.';

function readDirective(draft: Draft, directive: SentinelDirective, values: readonly string[]): Reason | null {
  const [first, ...rest] = values;
  if (first === undefined) return UNRECOGNIZED;
  switch (directive.scope) {
    case 'process':
      return rest.length === 0 ? directive.read(draft, first) : UNRECOGNIZED;
    case 'monitor':
      return directive.arity.includes(values.length) ? directive.read(draft, values) : UNRECOGNIZED;
    case 'master': {
      if (!directive.arity.includes(rest.length)) return UNRECOGNIZED;
      const master = draft.masters.get(first);
      return master === undefined ? 'No such master with specified name.' : directive.read(master, rest, draft);
    }
  }
}

function applyFact(draft: Draft, { meaning }: FileLine): void {
  if (meaning.kind === 'malformed-fact') draft.ignoredFacts++;
  if (meaning.kind === 'fact' && !isApplied(draft, meaning.fact)) draft.ignoredFacts++;
}

function isApplied(draft: Draft, fact: Fact): boolean {
  const master = draft.masters.get(fact.master);
  if (master === undefined) return false;
  switch (fact.kind) {
    case 'reign':
      addReign(master, fact.reign);
      return true;
    case 'failover':
      addFailover(master, fact.failover);
      return true;
    case 'pause':
      master.hold = fact.hold;
      return true;
    case 'unproven':
      return markUnproven(master, fact.runId);
    case 'meeting':
      master.isMeeting = true;
      return true;
    case 'vote':
      rememberVote(draft, master, fact.epoch, fact.leader);
      return true;
  }
}

/**
 * Of the vote and the file's `leader-epoch` the later one holds. When that is the directive, a stock Sentinel has voted with this file
 * meanwhile, and for whom is not known. When it is the vote, the directive is damaged: no Sentinel ever writes an earlier one.
 */
function rememberVote(draft: Draft, master: MasterDraft, epoch: Epoch, leader: RunId): void {
  if (epoch < master.voteEpoch) return;
  master.voteEpoch = epoch;
  master.voteLeader = leader;
  draft.currentEpoch = Math.max(draft.currentEpoch, epoch);
}
