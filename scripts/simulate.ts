// `npm run simulate`: runs seeds of the simulator from the command line, one with its trace, or many with a summary.
// Ends with status 1 when a seed failed, when the scale test was too slow, or when the command line makes no sense.

import { FAULT_NAMES } from '../test/sim/faults.js';
import { describeScale, runScale, SCALE_LIMIT } from '../test/sim/scale.js';
import { Summary } from '../test/sim/summary.js';
import { runSwarm } from '../test/sim/swarm.js';
import { readSimulationRun, type SeedRun, USAGE } from './simulation-options.js';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function main(): boolean {
  const run = readSimulationRun(process.argv.slice(2));
  switch (run.kind) {
    case 'usage':
      for (const line of USAGE) print(line);
      return true;
    case 'list-faults':
      for (const name of FAULT_NAMES) print(name);
      return true;
    case 'scale': {
      const report = runScale({ masters: run.masters, seed: run.seed });
      for (const line of describeScale(report)) print(line);
      return report.slowest <= SCALE_LIMIT;
    }
    case 'seeds':
      return runSeeds(run);
  }
}

function runSeeds(run: SeedRun): boolean {
  const { first, count, limit, hasTrace, faultPhase, faults, isMixed } = run;
  const deadline = performance.now() + limit;
  const show = hasTrace ? print : null;
  const summary = new Summary();
  for (let seed = first; seed < first + count && (seed === first || performance.now() < deadline); seed++) {
    const report = runSwarm({ seed, faultPhase, faults, isMixed, show });
    summary.add(report);
    if (report.failure === null) continue;
    print(`seed ${seed}: ${report.failure}`);
    if (run.stopsAtFailure) break;
  }
  for (const line of summary.lines()) print(line);
  return summary.failures === 0;
}

// Whoever reads the first lines only, such as `head`, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

try {
  process.exitCode = main() ? 0 : 1;
} catch (error) {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
