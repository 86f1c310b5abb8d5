// The events of two groups that went through the same, side by side: the leader's with the leader's, the observers' with the
// observers'. What must be the same is which events there are, their payloads to the letter but for addresses and ids, and the
// order in which one Sentinel publishes them. What happens at the same moment in no particular order is in the table.

import type { RecordedEvent } from '../support/event-recorder.js';
import type { SentinelProcess } from '../support/sentinel-process.js';
import { EVENT_DIFFERENCES, type EventDifference } from './event-differences.js';

type Who = EventDifference['who'];

/** What each Sentinel published since `start`, in order, with names in the place of addresses and ids. */
export interface Account {
  readonly leader: readonly (readonly string[])[];
  readonly observer: readonly (readonly string[])[];
}

/** `names` says what the ports and run ids of the group are called. */
export function accountOf(
  sentinels: readonly SentinelProcess[],
  start: number,
  names: ReadonlyMap<string, string>,
): Account {
  const account: Record<Who, string[][]> = { leader: [], observer: [] };
  for (const { recorder } of sentinels) {
    const events = recorder.events.filter(({ at }) => at >= start);
    const who = events.some(({ channel }) => channel === '+elected-leader') ? 'leader' : 'observer';
    account[who].push([...new Set(events.map((event) => named(event, names)))]);
  }
  return account;
}

/** An address becomes its node's name, with the name that a replica has of its address and the master's name left out. */
function named({ channel, payload }: RecordedEvent, names: ReadonlyMap<string, string>): string {
  const words = payload.replace(/\b[0-9a-f]{40}\b/g, (id) => names.get(id) ?? 'SOMEBODY');
  const places = words.replace(/127\.0\.0\.1[ :](\d+)/g, (_place, port: string) => names.get(port) ?? 'SOMEWHERE');
  const shapes = places.replace(/\b(mymaster|other) /g, '').replace(/\b([A-Z]+) \1\b/g, '$1');
  return `${channel} ${shapes.replace(/#quorum \d+\/\d+/, '#quorum')}`;
}

/** The differences without a reason, one a line; the reasons that were needed are added to `met`. */
export function unexplainedEvents(ours: Account, theirs: Account, met: Set<EventDifference>): string {
  const complaints: string[] = [];
  for (const who of ['leader', 'observer'] as const) {
    const isExcused = (kind: EventDifference['kind'], event: string) => {
      const known = EVENT_DIFFERENCES.find((row) => row.who === who && row.kind === kind && row.event.test(event));
      if (known !== undefined) met.add(known);
      return known !== undefined;
    };
    const [our, their] = [new Set(ours[who].flat()), new Set(theirs[who].flat())];
    for (const event of our) {
      if (!their.has(event) && !isExcused('ours', event)) complaints.push(`only our ${who}: ${event}`);
    }
    for (const event of their) {
      if (!our.has(event) && !isExcused('theirs', event)) complaints.push(`only their ${who}: ${event}`);
    }
    complaints.push(...strangeOrders(ours[who], theirs[who], (event) => isExcused('order', event)));
  }
  return complaints.join('\n');
}

/** Our Sentinels whose order is that of none of theirs, looking at what both published. */
function strangeOrders(
  ours: readonly (readonly string[])[],
  theirs: readonly (readonly string[])[],
  isExcused: (event: string) => boolean,
): string[] {
  return ours.flatMap((our) => {
    const pairs = theirs.map((their) => [common(our, their), common(their, our)] as const);
    if (pairs.length === 0 || pairs.some(([one, other]) => isSameOrder(one, other, isExcused))) return [];
    return [
      `the order of\n  ${our.join('\n  ')}\nis that of none of\n  ${theirs.map((their) => their.join('\n  ')).join('\nand\n  ')}`,
    ];
  });
}

function common(events: readonly string[], others: readonly string[]): string[] {
  return events.filter((event) => others.includes(event));
}

/** An event is excused only where leaving it out is what makes the orders the same. */
function isSameOrder(one: readonly string[], other: readonly string[], isExcused: (event: string) => boolean): boolean {
  if (one.join('\n') === other.join('\n')) return true;
  const moved = one.filter((event) => isExcused(event));
  const rest = (events: readonly string[]) => events.filter((event) => !moved.includes(event)).join('\n');
  return rest(one) === rest(other);
}
