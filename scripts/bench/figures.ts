// What the failover benchmark measures of a round, by name, with the words and the unit of the tables.

import { type Summary, summarise } from './statistics.js';

export interface Figure {
  /** Its name in a round and in JSON. */
  readonly name: string;
  readonly title: string;
  readonly unit: 'ms' | '%' | '';
}

/** What was measured in one round, by the names of the situation's figures. */
export type Round = Readonly<Record<string, number>>;

/** Of a situation in which something happens to the master; durations are counted from the fault unless said otherwise. */
export const FAULT_FIGURES: readonly Figure[] = [
  { name: 'writesStopped', title: 'writes stopped for', unit: 'ms' },
  { name: 'everybodyAnswers', title: 'every supervisor answers the new address after', unit: 'ms' },
  { name: 'firstSwitch', title: 'first +switch-master after', unit: 'ms' },
  { name: 'lastSwitch', title: 'last +switch-master after', unit: 'ms' },
  { name: 'returned', title: 'old master is a replica, after its return', unit: 'ms' },
  { name: 'acknowledged', title: 'acknowledged writes', unit: '' },
  { name: 'lost', title: 'of them lost', unit: '' },
];

/** Of a partition with the old master on the smaller side. */
export const PARTITION_FIGURES: readonly Figure[] = [
  { name: 'oldMasterWritesUntil', title: 'last write the old master acknowledges, after the cut', unit: 'ms' },
  { name: 'promoted', title: 'a replica is promoted, after the cut', unit: 'ms' },
  { name: 'writesStopped', title: 'writes stopped for, larger side', unit: 'ms' },
  { name: 'majorityAnswers', title: 'larger side answers the new address, after the cut', unit: 'ms' },
  { name: 'everybodyAnswers', title: 'everybody answers the new address, after healing', unit: 'ms' },
  { name: 'returned', title: 'old master is a replica, after healing', unit: 'ms' },
  { name: 'acknowledgedInside', title: 'acknowledged writes, smaller side', unit: '' },
  { name: 'lostInside', title: 'of them lost', unit: '' },
  { name: 'acknowledgedOutside', title: 'acknowledged writes, larger side', unit: '' },
  { name: 'lostOutside', title: 'of them lost', unit: '' },
  { name: 'lostShare', title: 'lost of all acknowledged writes', unit: '%' },
];

/** The median, least and greatest value of a figure over the rounds. Throws when a round does not have it. */
export function summaryOf({ name }: Figure, rounds: readonly Round[]): Summary {
  const values = rounds.map((round) => {
    const value = round[name];
    if (value === undefined) throw new Error(`a round has no ${name}`);
    return value;
  });
  return summarise(values);
}

/** A value as the tables show it. */
export function formatValue({ unit }: Figure, value: number): string {
  return value.toFixed(unit === '%' ? 1 : 0);
}
