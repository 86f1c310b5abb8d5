// The demonstration behind `scripts/demo`: it tells, as it happens, how three Vedettes replace a master that was killed
// and what becomes of the old one. Everything runs on free loopback ports in a temporary directory and is gone
// afterwards, also after Ctrl-C or a failure; `--keep` leaves it running instead.

import { parseArgs } from 'node:util';

import { now } from '../test/support/clock.js';
import type { RecordedEvent } from '../test/support/event-recorder.js';
import { Group, MASTER_NAME } from '../test/support/group.js';
import type { RedisServer } from '../test/support/redis-server.js';
import { DemoClient } from './demo-client.js';
import { column, duration, type Style, Terminal } from './terminal.js';

const DOWN_AFTER = 1000;
const LIMIT = 30_000;
const WRITES_BEFORE_THE_FAULT = 200;

const EVENT_STYLES: Readonly<Record<string, Style>> = {
  '+sdown': 'yellow',
  '+odown': 'yellow',
  '+elected-leader': 'magenta',
  '+promoted-slave': 'green',
  '+switch-master': 'green',
  '+convert-to-slave': 'green',
};

const terminal = new Terminal(process.stdout);
const style = terminal.style.bind(terminal);

/** Prints events with their milliseconds since the fault that is being shown; silent until there was one. */
class Narrator {
  readonly #names = new Map<string, string>();
  #faultAt: number | null = null;

  begin(faultAt: number): void {
    this.#faultAt = faultAt;
  }

  tell(event: RecordedEvent): void {
    if (this.#faultAt === null) return;
    this.say(event.at, event.source, event.channel, event.payload);
  }

  /** Has `word` of an event explained as `name`: a port as a node, a run id as a Vedette. */
  explain(word: string, name: string): void {
    this.#names.set(word, name);
  }

  /** Whom an event is about: the first that it names, or both sides of a switch. */
  #subject(what: string, details: string): string {
    const [first = '', ...others] = new Set(details.split(' ').flatMap((word) => this.#names.get(word) ?? []));
    return what === '+switch-master' ? [first, ...others].join(' → ') : first;
  }

  say(at: number, who: string, what: string, details: string): void {
    const millis = `+${Math.round(at - (this.#faultAt ?? at))} ms`.padStart(10);
    const described = `${style(EVENT_STYLES[what] ?? 'cyan', what)} ${style('dim', details)}  ${this.#subject(what, details)}`;
    terminal.line(`${style('bold', millis)}  ${column(who, 9)}  ${described}`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
  const narrator = new Narrator();
  terminal.heading('Vedette: a failover, as it happens');
  const group = await terminal.during(
    'Starting one master, two replicas and three Vedettes',
    Group.start({ downAfterMillis: DOWN_AFTER, onEvent: (event) => narrator.tell(event) }),
  );
  try {
    await nameEverything(group, narrator);
    await showTopology(group);
    const client = await startClient(group);
    const newMaster = await showCrash(group, client, narrator);
    await showReturn(group, newMaster, narrator);
    await client.stop();
    await showTopology(group);
  } catch (error) {
    const report = group.report();
    await group.dispose();
    throw new Error(`${error instanceof Error ? error.message : error}\n\n${report}`, { cause: error });
  }
  if (values.keep) keep(group);
  else await terminal.during('Cleaning up', group.dispose());
}

async function nameEverything(group: Group, narrator: Narrator): Promise<void> {
  for (const node of group.nodes) narrator.explain(String(node.port), node.name);
  for (const vedette of group.supervisors) narrator.explain(await vedette.runId(), vedette.name);
}

async function showTopology(group: Group): Promise<void> {
  terminal.line(style('dim', `  ${column('Redis node', 12)}${column('address', 18)}${column('pid', 9)}role`));
  for (const node of group.nodes) {
    const state = await node.role();
    const role =
      state.role === 'master'
        ? style('green', 'master')
        : `replica of ${group.nodeAt(state.masterPort).name}${state.isLinkUp ? '' : ', not yet connected'}`;
    terminal.line(
      `  ${column(node.name, 12)}${column(`127.0.0.1:${node.port}`, 18)}${column(String(node.pid), 9)}${role}`,
    );
  }
  terminal.line();
  terminal.line(
    style('dim', `  ${column('Vedette', 12)}${column('address', 18)}${column('pid', 9)}says the master is`),
  );
  for (const vedette of group.supervisors) {
    const master = group.nodeAt(await vedette.masterPort(MASTER_NAME)).name;
    const address = column(`127.0.0.1:${vedette.port}`, 18);
    terminal.line(`  ${column(vedette.name, 12)}${address}${column(String(vedette.pid), 9)}${master}`);
  }
  terminal.line();
}

async function startClient(group: Group): Promise<DemoClient> {
  const ports = group.supervisors.map(({ port }) => port);
  const client = new DemoClient(ports, MASTER_NAME);
  await terminal.during('Starting a client (ioredis, Sentinel mode)', client.start(WRITES_BEFORE_THE_FAULT));
  terminal.line('  A client (ioredis in Sentinel mode) asked a Vedette for the master, and is writing to it.');
  return client;
}

async function showCrash(group: Group, client: DemoClient, narrator: Narrator): Promise<RedisServer> {
  const master = group.firstMaster;
  terminal.heading(`Now the master dies: kill -9 ${master.pid} (${master.name})`);
  const killedAt = now();
  narrator.begin(killedAt);
  await master.kill();
  // An acknowledgement that was on its way when the signal was sent is none of the new master.
  const goneAt = now();
  const failover = Promise.all([
    client.resumedAfter(goneAt, LIMIT),
    group.waitForNewMaster(master, LIMIT).then(async (newMaster) => {
      const others = group.firstReplicas.filter((node) => node !== newMaster);
      await Promise.all(others.map((node) => group.waitForReplica(node, newMaster, LIMIT)));
      return newMaster;
    }),
  ]);
  const [outage, newMaster] = await terminal.during(
    `Silence is death after ${DOWN_AFTER} ms (down-after-milliseconds)`,
    failover,
  );
  terminal.line();
  terminal.line(
    `  ${newMaster.name} is the new master. The client wrote to it ${duration(outage.endedAt - killedAt)} after the kill.`,
  );
  terminal.line(
    `  ${style('bold', `Writes stopped for ${duration(outage.millis)}`)}, of which ${DOWN_AFTER} ms were the time to be sure.`,
  );
  return newMaster;
}

async function showReturn(group: Group, newMaster: RedisServer, narrator: Narrator): Promise<void> {
  const old = group.firstMaster;
  terminal.heading(`The old master (${old.name}) is started again; it still believes that it is a master`);
  const startedAt = now();
  narrator.begin(startedAt);
  await old.start();
  const backAt = now();
  narrator.say(backAt, old.name, 'up', `answers on port ${old.port} as a master`);
  await terminal.during('Waiting until it follows the new master', group.waitForReplica(old, newMaster, LIMIT));
  terminal.line();
  terminal.line(
    `  ${style('bold', `${old.name} is a replica of ${newMaster.name}`)}, in sync ${duration(now() - backAt)} after it answered again.`,
  );
  terminal.line();
}

function keep(group: Group): void {
  const [first] = group.supervisors;
  if (first === undefined) return;
  const pids = [...group.supervisors, ...group.nodes].map(({ pid }) => pid).join(' ');
  const ask = `redis-cli -p ${first.port}`;
  terminal.heading('Everything is still running. Talk to it:');
  terminal.line(`  ${ask} SENTINEL get-master-addr-by-name ${MASTER_NAME}`);
  terminal.line(`  ${ask} SENTINEL replicas ${MASTER_NAME}`);
  terminal.line(`  ${ask} SENTINEL failover ${MASTER_NAME}`);
  terminal.line(`  ${ask} PSUBSCRIBE '*'`);
  for (const node of group.nodes)
    terminal.line(`  redis-cli -p ${node.port} ROLE${style('dim', `    # ${node.name}`)}`);
  terminal.line();
  terminal.line(`Configurations and logs are in ${group.workspace.path}. Stop everything with:`);
  terminal.line();
  terminal.line(`  kill ${pids}; sleep 1; rm -rf ${group.workspace.path}`);
  terminal.line();
  group.release();
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  terminal.line(style('red', 'The demonstration failed:'));
  terminal.line(error instanceof Error ? error.message : String(error));
}
