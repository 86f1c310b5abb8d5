// `npm run simulate`: runs seeds of the simulator from the command line, one with its trace, or many with a summary.
// Ends with status 1 when a seed failed, when the scale test was too slow, or when the command line makes no sense.

import { FAULT_NAMES } from '../test/sim/faults.js';
import { describeScale, runScale, SCALE_LIMIT } from '../test/sim/scale.js';
import { Summary } from '../test/sim/summary.js';
import { type Report, runSwarm } from '../test/sim/swarm.js';
import { seedSupply } from './seed-supply.js';
import { runCrew } from './simulation-crew.js';
import { commandFor, readSimulationRun, type SeedRun, USAGE } from './simulation-options.js';

/** A line after so many seeds shows that a long run is alive. */
const PROGRESS_PERIOD = 1_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<boolean> {
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

/** Ctrl-C ends a run without a trace with what it has come to; a second one ends it at once. */
async function runSeeds(run: SeedRun): Promise<boolean> {
  const summary = new Summary();
  const reported = (report: Report) => {
    summary.add(report);
    if (report.failure !== null) print(`seed ${report.seed}: ${report.failure}\n  ${commandFor(report.seed, run)}`);
    if (summary.seeds % PROGRESS_PERIOD === 0) print(`${summary.seeds} seeds, ${summary.failures} failed so far`);
  };
  const isEnough = () => run.stopsAtFailure && summary.failures > 0;
  const interruption = new AbortController();
  if (run.hasTrace) {
    showSeeds(run, reported, isEnough);
  } else {
    process.once('SIGINT', () => interruption.abort());
    await runCrew(run, reported, { isEnough, interruption: interruption.signal });
  }
  for (const line of summary.lines()) print(line);
  if (interruption.signal.aborted) print('interrupted');
  return summary.failures === 0 && !interruption.signal.aborted;
}

/** One after the other in this thread, each with its trace. */
function showSeeds(run: SeedRun, reported: (report: Report) => void, isEnough: () => boolean): void {
  const { faultPhase, faults, isMixed } = run;
  const take = seedSupply(run, isEnough);
  for (let seed = take(); seed !== null; seed = take()) {
    reported(runSwarm({ seed, faultPhase, faults, isMixed, show: print }));
  }
}

// Whoever reads the first lines only, such as `head`, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2);
});

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
