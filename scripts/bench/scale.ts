// `npm run bench:scale`: many masters at once. How long three supervisors need until all of them know everybody, what one of them
// costs then, and how long it takes when many masters die in the same moment. The data nodes are stand-ins (`stand-in.ts`).

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import yargs from 'yargs';

import { now } from '../../test/support/clock.js';
import { SENTINEL_KINDS, type SentinelKind, SentinelProcess } from '../../test/support/sentinel-process.js';
import { waitFor } from '../../test/support/wait.js';
import { Workspace } from '../../test/support/workspace.js';
import { column, Terminal } from '../terminal.js';
import type { FarmReply, FarmRequest } from './farm.js';
import { residentMegabytes, shares } from './processor.js';
import { summarise } from './statistics.js';

interface Options {
  readonly masters: number;
  readonly kill: number;
  readonly downAfter: number;
  readonly seconds: number;
  readonly limit: number;
}

interface Outcome {
  /** From the start of the supervisors until each knows every replica and every other supervisor; null: not within the limit. */
  readonly knownAfter: number | null;
  readonly idleShare: readonly number[];
  readonly resident: readonly number[];
  /** When the last supervisor published each `+switch-master`, from the moment the masters died; sorted. */
  readonly switchedAfter: readonly number[];
}

const SUPERVISORS = 3;
const QUORUM = 2;
const POLL_PERIOD = 250;
const TITLE_WIDTH = 46;
const terminal = new Terminal(process.stderr);

async function main(): Promise<void> {
  const { only, ...options } = await yargs(process.argv.slice(2))
    .scriptName('bench:scale')
    .usage('$0: what many masters cost, and what happens when many of them die at once')
    .option('masters', { type: 'number', default: 1000, describe: 'masters, each with one replica' })
    .option('kill', { type: 'number', default: 300, describe: 'how many die at once; 0 for none' })
    .option('down-after', { type: 'number', default: 5000, describe: 'down-after-milliseconds' })
    .option('seconds', { type: 'number', default: 20, describe: 'how long the supervisors are watched idling' })
    .option('limit', { type: 'number', default: 180, describe: 'seconds after which a phase is given up' })
    .option('only', { choices: SENTINEL_KINDS, describe: 'measure one kind alone' })
    .strict()
    .version(false)
    .parseAsync();
  for (const kind of only === undefined ? SENTINEL_KINDS : [only]) {
    const outcome = await terminal.during(`measuring ${kind}`, measure(kind, options));
    process.stdout.write(`${report(kind, options, outcome).join('\n')}\n\n`);
  }
}

async function measure(kind: SentinelKind, options: Options): Promise<Outcome> {
  const workspace = new Workspace();
  const farm = fork(fileURLToPath(new URL('farm.js', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const supervisors: SentinelProcess[] = [];
  try {
    const reply = await ask(farm, { start: options.masters });
    if (!('ports' in reply)) throw new Error('the farm gave no ports');
    const directives = reply.ports.flatMap((port, index) => directivesOf(`m${index}`, port, options.downAfter));
    for (let index = 1; index <= SUPERVISORS; index++) {
      supervisors.push(await SentinelProcess.prepare(workspace, { name: `${kind}-${index}`, kind, directives }));
    }
    const startedAt = now();
    await Promise.all(supervisors.map((supervisor) => supervisor.start()));
    const knownAfter = await whenAllKnow(supervisors, options, startedAt);
    const pids = supervisors.map(({ pid }) => pid);
    const idleShare = await shares(pids, options.seconds);
    const resident = pids.map(residentMegabytes);
    const switchedAfter = options.kill === 0 ? [] : await killAndWatch(farm, supervisors, options);
    return { knownAfter, idleShare, resident, switchedAfter };
  } finally {
    for (const supervisor of supervisors) supervisor.recorder.close();
    await Promise.all(supervisors.map((supervisor) => supervisor.kill()));
    farm.kill('SIGKILL');
    workspace.remove();
  }
}

function directivesOf(name: string, port: number, downAfter: number): readonly string[] {
  return [
    `sentinel monitor ${name} 127.0.0.1 ${port} ${QUORUM}`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
  ];
}

async function ask(farm: ChildProcess, request: FarmRequest): Promise<FarmReply> {
  const replied = once(farm, 'message');
  farm.send(request);
  const [reply] = await Promise.race([
    replied,
    once(farm, 'exit').then(() => {
      throw new Error('the farm ended');
    }),
  ]);
  return reply as FarmReply;
}

async function whenAllKnow(
  supervisors: readonly SentinelProcess[],
  { masters, limit }: Options,
  startedAt: number,
): Promise<number | null> {
  const complete = new RegExp(`status=ok,address=[^,]*,slaves=1,sentinels=${SUPERVISORS}$`, 'gm');
  try {
    await waitFor(
      'everybody knows everybody',
      limit * 1000,
      () => expectAll(supervisors, masters, complete),
      POLL_PERIOD,
    );
    return now() - startedAt;
  } catch (error) {
    terminal.line(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function expectAll(supervisors: readonly SentinelProcess[], masters: number, complete: RegExp): Promise<void> {
  for (const supervisor of supervisors) {
    const lines = String(await supervisor.command('INFO', 'sentinel')).replaceAll('\r', '');
    const known = lines.match(complete)?.length ?? 0;
    if (known !== masters) throw new Error(`${supervisor.name} knows everybody of ${known} masters`);
  }
}

/** For each dead master, when the last of the supervisors published its new address. */
async function killAndWatch(
  farm: ChildProcess,
  supervisors: readonly SentinelProcess[],
  { kill, limit }: Options,
): Promise<readonly number[]> {
  const killedAt = now();
  await ask(farm, { kill });
  const switched = (): number[] => {
    const moments = new Map<string, number[]>();
    for (const { recorder } of supervisors) {
      for (const { payload, at } of recorder.on('+switch-master')) {
        const [name = ''] = payload.split(' ');
        moments.set(name, [...(moments.get(name) ?? []), at - killedAt]);
      }
    }
    const everywhere = [...moments.values()].filter((at) => at.length >= SUPERVISORS);
    return everywhere.map((at) => Math.max(...at)).sort((a, b) => a - b);
  };
  try {
    await waitFor(
      `${kill} masters are replaced`,
      limit * 1000,
      () => {
        if (switched().length < kill) throw new Error(`${switched().length} so far`);
      },
      POLL_PERIOD,
    );
  } catch (error) {
    terminal.line(error instanceof Error ? error.message : String(error));
  }
  return switched();
}

function report(kind: SentinelKind, { masters, kill, downAfter }: Options, outcome: Outcome): readonly string[] {
  const { knownAfter, idleShare, resident, switchedAfter } = outcome;
  const lines = [
    `${kind}: ${masters} masters with a replica each, ${SUPERVISORS} supervisors, down-after ${downAfter} ms`,
    line('all known to all after', knownAfter === null ? 'not within the limit' : `${seconds(knownAfter)} s`),
    line('processor, % of a core (median)', summarise(idleShare).median.toFixed(1)),
    line('resident, MB (median)', summarise(resident).median.toFixed(0)),
  ];
  if (kill === 0) return lines;
  const spread = switchedAfter.length === 0 ? '' : ` after ${describeSpread(switchedAfter)}`;
  return [...lines, line(`${kill} killed at once: replaced everywhere`, `${switchedAfter.length} of ${kill}${spread}`)];
}

function describeSpread(moments: readonly number[]): string {
  const { minimum, median, maximum } = summarise(moments);
  return `${seconds(minimum)} (first), ${seconds(median)} (median), ${seconds(maximum)} s (last)`;
}

function line(title: string, value: string): string {
  return `  ${column(title, TITLE_WIDTH)}${value}`;
}

function seconds(millis: number): string {
  return (millis / 1000).toFixed(1);
}

await main();
