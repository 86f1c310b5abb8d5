// Runs seeds of the simulator from the command line: one seed with its trace, or many with a summary.
//
//   simulate --seed N [--trace]     one run; --trace prints the plan of faults and every event
//   simulate --count N [--seed N]   N runs from seed N on
//   simulate --minutes M            as many as fit
//   --mixed                         with original Sentinels, as modelled, in the group
//   --faults a,b,…                  only these kinds; --faults help lists them

import { parseArgs } from 'node:util';
import { FAULT_NAMES, type FaultName, isFaultName } from '../test/sim/faults.js';
import { Summary } from '../test/sim/summary.js';
import { DEFAULT_SWARM, runSwarm } from '../test/sim/swarm.js';

const MILLIS_PER_MINUTE = 60_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function faultsFrom(text: string | undefined): readonly FaultName[] {
  if (text === undefined) return FAULT_NAMES;
  const names = text.split(',');
  const unknown = names.filter((name) => !isFaultName(name));
  if (unknown.length > 0)
    throw new Error(`unknown faults: ${unknown.join(', ')}. There are: ${FAULT_NAMES.join(', ')}`);
  return names.filter(isFaultName);
}

function main(): number {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      minutes: { type: 'string' },
      faults: { type: 'string' },
      mixed: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
    },
  });
  const faults = faultsFrom(values.faults);
  const first = Number(values.seed);
  const isMany = values.count !== undefined || values.minutes !== undefined;
  const count = isMany ? Number(values.count ?? Number.POSITIVE_INFINITY) : 1;
  const deadline = performance.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * MILLIS_PER_MINUTE;
  const show = values.trace ? print : null;
  const summary = new Summary();
  for (let seed = first; seed < first + count && performance.now() < deadline; seed++) {
    const report = runSwarm({ ...DEFAULT_SWARM, seed, faults, isMixed: values.mixed, show });
    summary.add(report);
    if (report.failure !== null) print(`seed ${seed}: ${report.failure}`);
  }
  for (const line of summary.lines()) print(line);
  return summary.failures === 0 ? 0 : 1;
}

// Whoever reads the first lines only, such as `head`, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
