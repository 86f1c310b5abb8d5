// Faults of Sentinels: crashes at random and at the worst moments, stalls, disks that are slow or full, and operators.

import { drawDuration } from './fault-nodes.js';
import type { FaultKind } from './faults.js';
import { type CrashPoint, SentinelHost } from './sentinel-host.js';
import type { StockSentinel } from './stock-sentinel.js';

export const crashSentinel: FaultKind = (simulation, dice, at) => {
  const host = dice.pick([...simulation.sentinels, ...simulation.stockSentinels]);
  const isPower = dice.chance(0.2);
  const duration = drawDuration(dice, 5_000);
  return [
    {
      at,
      description: `${isPower ? 'power off' : 'kill'} ${host.name} for ${Math.round(duration)} ms`,
      run: () => {
        if (host instanceof SentinelHost) host.onCrash = null;
        if (isPower) {
          host.machine.isOn = false;
          host.losePower();
        } else {
          host.kill();
        }
      },
    },
    { at: at + duration, description: `restart ${host.name}`, run: () => reviveSentinel(host) },
  ];
};

export function reviveSentinel(host: SentinelHost | StockSentinel): void {
  if (host.isRetired) return;
  host.machine.isOn = true;
  if (!host.isAlive) host.start();
}

/** Effects, purposes and events after which a crash is worst. */
const WORST_MOMENTS: readonly CrashPoint[] = [
  { kind: 'before-save' },
  { kind: 'after-save' },
  ...[
    'open',
    'close',
    'save',
    'reply',
    'info',
    'ask-master-down',
    'ask-configuration',
    'pause',
    'change-role',
    'publish',
    '+vote-for-leader',
    '+elected-leader',
    '+selected-slave',
    '+promoted-slave',
    '+switch-master',
    '+convert-to-slave',
  ].map((what) => ({ kind: 'after', what }) as const),
];

export const strikeSentinel: FaultKind = (simulation, dice, at) => {
  const isEverybody = dice.chance(0.3);
  const hosts = isEverybody ? simulation.sentinels : [dice.pick(simulation.sentinels)];
  const point = dice.pick(WORST_MOMENTS);
  const countdown = dice.chance(0.6) ? 1 : dice.integer(1, 6);
  const pause = dice.chance(0.7) ? dice.between(10, 50) : dice.between(50, 5_000);
  const where = point.kind === 'after' ? `after ${point.what}` : point.kind;
  const names = hosts.map(({ name }) => name).join(', ');
  return [
    {
      at,
      description: `crash of ${names} ${where} (number ${countdown}), back ${Math.round(pause)} ms later`,
      run: () => {
        for (const host of hosts) {
          host.crashPoint = { point, countdown };
          host.onCrash = () => {
            host.onCrash = null;
            simulation.agenda.after(pause, () => reviveSentinel(host));
          };
        }
      },
    },
  ];
};

export const stallSentinel: FaultKind = (simulation, dice, at) => {
  const all = [...simulation.sentinels, ...simulation.stockSentinels];
  const hosts = dice.chance(0.2) ? all : [dice.pick(all)];
  const duration = dice.chance(0.5) ? dice.between(20, 500) : drawDuration(dice, 4_000);
  const timersFirst = dice.chance(0.7);
  const names = hosts.map(({ name }) => name).join(', ');
  return [
    {
      at,
      description: `stall ${names} for ${Math.round(duration)} ms${timersFirst ? '' : ', input first'}`,
      run: () => {
        for (const host of hosts) {
          host.timersFirst = timersFirst;
          host.stop();
        }
      },
    },
    {
      at: at + duration,
      description: `resume ${names}`,
      run: () => {
        for (const host of hosts) host.resume();
      },
    },
  ];
};

export const damageDisk: FaultKind = (simulation, dice, at) => {
  const host = dice.pick(simulation.sentinels);
  const isFull = dice.chance(0.5);
  const slowness = dice.pick([5, 30, 200]);
  const duration = drawDuration(dice, 6_000);
  return [
    {
      at,
      description: `disk of ${host.name} ${isFull ? 'full' : `${slowness} times slower`} for ${Math.round(duration)} ms`,
      run: () => {
        if (isFull) host.disk.failure = 'No space left on device';
        else host.disk.slowness = slowness;
      },
    },
    { at: at + duration, description: `disk of ${host.name} is well`, run: () => repairDisk(host) },
  ];
};

export function repairDisk(host: SentinelHost): void {
  host.disk.failure = null;
  host.disk.slowness = 1;
}

/** What operators do: manual failovers, settings, CKQUORUM, FLUSHCONFIG. What only Vedettes understand is `maintenance.ts`. */
export const operate: FaultKind = (simulation, dice, at) => {
  const host = dice.pick(simulation.sentinels);
  const { name, options } = dice.pick(simulation.groups);
  const command = dice.pick([
    ['SENTINEL', 'FAILOVER', name],
    ['SENTINEL', 'FAILOVER', name],
    ['SENTINEL', 'FLUSHCONFIG'],
    ['SENTINEL', 'CKQUORUM', name],
    ['SENTINEL', 'MASTER', name],
    ['SENTINEL', 'SET', name, 'down-after-milliseconds', String(options.downAfter * 2)],
    ['SENTINEL', 'SET', name, 'down-after-milliseconds', String(options.downAfter)],
    ['INFO'],
  ] as const);
  return [
    {
      at,
      description: `${host.name}: ${command.join(' ')}`,
      run: () => simulation.operator.tell(host.address, command),
    },
  ];
};
