// Facts that must survive a restart and that a stock Sentinel's file has no directive for: for whom we voted, the
// replication histories of a name's masters, their past failovers, operators' pauses, and which Sentinels count without having proved themselves.
// They stand in comments, which stock Sentinels keep when they rewrite the file.
//
//     # vedette vote <master> <epoch> <run id of the leader>
//     # vedette reign <master> <host> <port> <replication id>      (oldest first)
//     # vedette failover <master> …                                (see `failover-fact.ts`)
//     # vedette pause <master> <stamp> <end>                      (milliseconds since 1970; 0: resumed)
//     # vedette unproven <master> <run id>                         (a known-sentinel that has not proved itself)
//     # vedette meeting <master>                                   (the known-sentinels may not be all there are)
//
// A comment is anybody's to edit: what does not look like a fact is not believed, and never stops the start.

import type { FailoverRecord } from '../core/failover-record.js';
import type { Hold, Reign } from '../core/state.js';
import type { Epoch, RunId } from '../core/types.js';
import { isRunId } from '../core/types.js';
import { isHostName, isIpAddress } from '../protocol/host.js';
import { joinArguments, splitArguments } from './arguments.js';
import { parseEpoch } from './draft.js';
import { failoverWords, parseFailover } from './failover-fact.js';
import { parseInteger, parsePort } from './values.js';

export type Fact =
  | { readonly kind: 'vote'; readonly master: string; readonly epoch: Epoch; readonly leader: RunId }
  | { readonly kind: 'reign'; readonly master: string; readonly reign: Reign }
  | { readonly kind: 'failover'; readonly master: string; readonly failover: FailoverRecord }
  | { readonly kind: 'pause'; readonly master: string; readonly hold: Hold }
  | { readonly kind: 'unproven'; readonly master: string; readonly runId: RunId }
  | { readonly kind: 'meeting'; readonly master: string };

const OPENING = /^#\s*vedette\s+(vote|reign|failover|pause|unproven|meeting)\s/;
const REPLICATION_ID = /^[0-9a-f]{40}$/;

/** The fact in a comment; `malformed` if it opens like one and is none, null if it is an ordinary comment. */
export function parseFact(comment: string): Fact | 'malformed' | null {
  if (!OPENING.test(comment)) return null;
  const [, kind, ...values] = splitArguments(comment.slice(1)) ?? [];
  return parseValues(kind, values) ?? 'malformed';
}

function parseValues(kind: string | undefined, values: readonly string[]): Fact | null {
  switch (kind) {
    case 'vote':
      return parseVote(values);
    case 'reign':
      return parseReign(values);
    case 'failover':
      return parsePast(values);
    case 'pause':
      return parsePause(values);
    case 'meeting':
      return parseMeeting(values);
    default:
      return parseUnproven(values);
  }
}

/** How the lines of a kind of fact begin. */
export function factHead(kind: Fact['kind']): string {
  return `# vedette ${kind}`;
}

/** What follows the head of a fact's line. */
export function factValues(fact: Fact): string {
  switch (fact.kind) {
    case 'vote':
      return joinArguments([fact.master, String(fact.epoch), fact.leader]);
    case 'unproven':
      return joinArguments([fact.master, fact.runId]);
    case 'meeting':
      return joinArguments([fact.master]);
    case 'pause':
      return joinArguments([fact.master, String(fact.hold.stamp), String(Math.ceil(fact.hold.until))]);
    case 'reign': {
      const { address, replicationId } = fact.reign;
      return joinArguments([fact.master, address.host, String(address.port), replicationId]);
    }
    case 'failover':
      return joinArguments([fact.master, ...failoverWords(fact.failover)]);
  }
}

function parseVote(values: readonly string[]): Fact | null {
  const [master, epochText, leader] = values;
  if (values.length !== 3 || master === undefined || epochText === undefined || leader === undefined) return null;
  const epoch = parseEpoch(epochText);
  return typeof epoch === 'number' && isRunId(leader) ? { kind: 'vote', master, epoch, leader } : null;
}

function parsePause(values: readonly string[]): Fact | null {
  const [master, stampText = '', untilText = ''] = values;
  const [stamp, until] = [parseInteger(stampText), parseInteger(untilText)];
  if (values.length !== 3 || master === undefined || stamp === null || until === null) return null;
  return stamp < 1 || until < 0 ? null : { kind: 'pause', master, hold: { stamp, until } };
}

function parseUnproven(values: readonly string[]): Fact | null {
  const [master, runId] = values;
  if (values.length !== 2 || master === undefined || runId === undefined || !isRunId(runId)) return null;
  return { kind: 'unproven', master, runId };
}

function parseMeeting([master, ...rest]: readonly string[]): Fact | null {
  return master === undefined || rest.length > 0 ? null : { kind: 'meeting', master };
}

function parseReign(values: readonly string[]): Fact | null {
  const [master, host, portText, replicationId] = values;
  if (values.length !== 4 || master === undefined || host === undefined || portText === undefined) return null;
  if (replicationId === undefined || !REPLICATION_ID.test(replicationId)) return null;
  const port = parsePort(portText);
  if (port === null || !(isIpAddress(host) || isHostName(host))) return null;
  return { kind: 'reign', master, reign: { address: { host, port }, replicationId } };
}

function parsePast([master, ...words]: readonly string[]): Fact | null {
  const failover = parseFailover(words);
  return master === undefined || failover === null ? null : { kind: 'failover', master, failover };
}
