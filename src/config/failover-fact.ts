// One failover of a master's history as the words of a comment line. See `facts.ts` for what facts are.
//
//     # vedette failover <master> <time> <epoch> <reason> <result> <attempts> <old host> <old port> <new host> <new port>
//                        <leader> <learned from> <phases> <promoted offset> <runner-up offset>          (oldest first)
//
// Times are milliseconds: the first since the Unix epoch, those of the phases, with commas between them, since the first. What is
// not known is a dash.

import {
  FAILOVER_REASONS,
  FAILOVER_RESULTS,
  type FailoverRecord,
  noPhases,
  PHASES,
  type Phase,
} from '../core/failover-record.js';
import type { Address, Millis, RunId } from '../core/types.js';
import { isRunId } from '../core/types.js';
import { isHostName, isIpAddress } from '../protocol/host.js';
import { parseInteger, parsePort } from './values.js';

const UNKNOWN = '-';
const WORDS = 14;

/** The words that follow the master's name. */
export function failoverWords(record: FailoverRecord): string[] {
  const { oldAddress, newAddress, phases } = record;
  return [
    record.at,
    record.epoch,
    record.reason,
    record.result,
    record.attempts,
    oldAddress.host,
    oldAddress.port,
    newAddress?.host,
    newAddress?.port,
    record.leader,
    record.learnedFrom,
    PHASES.map((phase) => phases[phase] ?? UNKNOWN).join(','),
    record.promotedOffset,
    record.runnerUpOffset,
  ].map((value) => String(value ?? UNKNOWN));
}

/** Null if the words do not make a record. */
export function parseFailover(words: readonly string[]): FailoverRecord | null {
  if (words.length !== WORDS) return null;
  const [at, epoch, reason, result, attempts, oldHost, oldPort, newHost, newPort, leader, source, ...rest] = words;
  const [phases, promotedOffset, runnerUpOffset] = rest;
  const parts = {
    at: readCount(at),
    epoch: readCount(epoch),
    reason: orUnknown(reason, (word) => FAILOVER_REASONS.find((known) => known === word)),
    result: FAILOVER_RESULTS.find((known) => known === result),
    attempts: readCount(attempts),
    oldAddress: readAddress(oldHost, oldPort),
    newAddress: newHost === UNKNOWN && newPort === UNKNOWN ? null : readAddress(newHost, newPort),
    leader: orUnknown(leader, readRunId),
    learnedFrom: orUnknown(source, readRunId),
    phases: readPhases(phases),
    promotedOffset: orUnknown(promotedOffset, readCount),
    runnerUpOffset: orUnknown(runnerUpOffset, readCount),
  };
  return isComplete(parts) ? parts : null;
}

type Read<Fields> = { [Name in keyof Fields]: Fields[Name] | undefined };

function isComplete(parts: Read<FailoverRecord>): parts is FailoverRecord {
  return Object.values(parts).every((value) => value !== undefined);
}

function orUnknown<Value>(
  word: string | undefined,
  read: (word: string) => Value | undefined,
): Value | null | undefined {
  if (word === undefined) return undefined;
  return word === UNKNOWN ? null : read(word);
}

function readCount(word: string | undefined): number | undefined {
  const count = word === undefined ? null : parseInteger(word);
  return count === null || count < 0 ? undefined : count;
}

function readRunId(word: string): RunId | undefined {
  return isRunId(word) ? word : undefined;
}

function readAddress(host: string | undefined, portText: string | undefined): Address | undefined {
  const port = portText === undefined ? null : parsePort(portText);
  if (host === undefined || port === null || !(isIpAddress(host) || isHostName(host))) return undefined;
  return { host, port };
}

function readPhases(text: string | undefined): Record<Phase, Millis | null> | undefined {
  const words = text?.split(',') ?? [];
  if (words.length !== PHASES.length) return undefined;
  const phases = noPhases();
  for (const [index, phase] of PHASES.entries()) {
    const time = orUnknown(words[index], readCount);
    if (time === undefined) return undefined;
    phases[phase] = time;
  }
  return phases;
}
