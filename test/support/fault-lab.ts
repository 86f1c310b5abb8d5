// The place of a fault test: a group whose processes run on hosts of their own. One network and one group serve all tests of a
// suite, because each test ends with everything healed and settled; a group in which a test failed is replaced.

import { config } from 'chai';

import { Group, type GroupOptions } from './group.js';
import { expectModestMemory, Invariants } from './invariants.js';
import { type Host, Network, obstacleToNetworks } from './network.js';
import type { Place } from './place.js';
import { SUBJECT } from './sentinel-process.js';
import { obstacleToSlowCables } from './slow-cables.js';

config.truncateThreshold = 0;

/** `npm run test:faults -- --long`: the repetitions and durations of the fault table, for a run by hand. */
export const IS_LONG = process.argv.includes('--long');

export interface FaultLabOptions extends Omit<GroupOptions, 'nodePlaces' | 'supervisorPlaces'> {
  /** Supervisor i shares the host of node i; otherwise every process has a host of its own. */
  readonly isColocated?: boolean;
  /** Whether `network.slowDown` works. */
  readonly hasSlowCables?: boolean;
  /** What `Host.enter` is followed by for every supervisor: a program that runs the rest of its command line. */
  readonly supervisorWrapper?: (index: number) => readonly string[];
}

export class FaultLab {
  readonly network: Network;
  readonly group: Group;
  readonly invariants: Invariants;
  readonly nodeHosts: readonly Host[];
  readonly supervisorHosts: readonly Host[];

  private constructor(network: Network, group: Group, nodeHosts: readonly Host[], supervisorHosts: readonly Host[]) {
    this.network = network;
    this.group = group;
    this.invariants = new Invariants(group);
    this.nodeHosts = nodeHosts;
    this.supervisorHosts = supervisorHosts;
  }

  static async start(network: Network, options: FaultLabOptions): Promise<FaultLab> {
    const nodeHosts = network.hosts.slice(0, nodeCount(options));
    const supervisorHosts = options.isColocated === true ? network.hosts : network.hosts.slice(nodeHosts.length);
    const wrapper = options.supervisorWrapper;
    const supervisorPlaces = supervisorHosts.map(
      ({ address, enter }, index): Place => ({ address, enter: [...enter, ...(wrapper?.(index) ?? [])] }),
    );
    const group = await Group.start({ ...options, nodePlaces: nodeHosts, supervisorPlaces });
    const lab = new FaultLab(network, group, nodeHosts, supervisorHosts);
    await lab.hasten();
    await lab.invariants.check();
    return lab;
  }

  /**
   * Lets every Sentinel ask its nodes for INFO each second instead of every ten, so that a test need not wait until all have seen
   * that a node is well again. Sentinels that are started anew ask as always.
   */
  async hasten(): Promise<void> {
    for (const one of this.group.supervisors) await one.command('SENTINEL', 'DEBUG', 'info-period', 1000);
  }

  /** Ends the group; the network stays for the next one. */
  async dispose(): Promise<void> {
    this.network.heal();
    for (const host of this.network.hosts) host.plugIn();
    await this.group.dispose();
  }
}

function nodeCount({ replicas = 2 }: FaultLabOptions): number {
  return replicas + 1;
}

/** Gives each test of the enclosing suite the lab of the suite; skips it loudly where there can be no namespaces. */
export function faultLab(options: FaultLabOptions = {}): () => FaultLab {
  let network: Network | null = null;
  let lab: FaultLab | null = null;

  before('make the network', function () {
    const { hasSlowCables = false } = options;
    skipWithout(this, obstacleToNetworks() ?? (hasSlowCables ? obstacleToSlowCables() : null));
    const supervisors = options.supervisors?.length ?? 3;
    const hosts = nodeCount(options);
    const count = options.isColocated === true ? Math.max(hosts, supervisors) : hosts + supervisors;
    network = Network.create(count, { hasSlowCables });
  });

  beforeEach('start a group unless one is left', async () => {
    if (network !== null) lab ??= await FaultLab.start(network, options);
  });

  afterEach('replace the group of a failed test', async function () {
    if (this.currentTest?.state !== 'failed' || lab === null) return;
    const { title, file } = { title: this.currentTest.fullTitle(), file: lab.group.report() };
    process.stderr.write(`\n──── ${title} ────\n${file}\n────\n`);
    await lab.dispose();
    lab = null;
  });

  afterEach('look at the memory of every Sentinel', () => {
    if (lab !== null) expectModestMemory(lab.group.supervisors);
  });

  after('remove everything', async () => {
    await lab?.dispose();
    network?.remove();
    lab = null;
    network = null;
  });

  return () => {
    if (lab === null) throw new Error('the lab exists only while a test runs');
    return lab;
  };
}

/** Skips a suite, and says on standard error why: a fault test that did not run proves nothing. */
export function skipWithout(suite: Mocha.Context, obstacle: string | null): void {
  if (obstacle === null) return;
  const title = suite.test?.parent?.fullTitle() ?? 'a fault test';
  process.stderr.write(`\nSKIPPED: ${title}: ${obstacle}\n`);
  suite.skip();
}

/** Prints a measured figure beneath the test's title. */
export function report(what: string, figure: string): void {
  process.stdout.write(`        ${what}: ${figure}\n`);
}

/** The subject under test, so many times. */
export function supervisors(count: number): GroupOptions['supervisors'] & object {
  return Array.from({ length: count }, () => SUBJECT);
}
