// Two conversations side by side: which facts of their replies differ, and which of those the table of differences excuses.

import { DIFFERENCES, type Difference } from './differences.js';
import type { Exchange } from './exchange.js';
import { type Fact, factsOf } from './facts.js';

/** The differences without a reason, one a line; the reasons that were needed are added to `met`. */
export function unexplained(ours: readonly Exchange[], theirs: readonly Exchange[], met: Set<Difference>): string {
  const complaints: string[] = [];
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const [our, their] = [ours[at], theirs[at]];
    const line = our?.line ?? their?.line ?? '';
    for (const found of compare(our === undefined ? [] : factsOf(our), their === undefined ? [] : factsOf(their))) {
      const known = DIFFERENCES.find((difference) => excuses(difference, line, found));
      if (known !== undefined) met.add(known);
      else complaints.push(`${line} ${found.name}\n  ours:   ${found.our}\n  theirs: ${found.their}`);
    }
  }
  return complaints.join('\n');
}

/** A fact that is not the same; null where one side does not state it. */
interface Finding {
  readonly name: string;
  readonly our: string | null;
  readonly their: string | null;
}

function compare(ours: readonly Fact[], theirs: readonly Fact[]): Finding[] {
  const [our, their] = [byName(ours), byName(theirs)];
  const findings = [...new Set([...our.keys(), ...their.keys()])]
    .map((name) => ({ name, our: our.get(name) ?? null, their: their.get(name) ?? null }))
    .filter((finding) => finding.our !== finding.their);
  const [ourOrder, theirOrder] = [orderOf(our, their), orderOf(their, our)];
  return ourOrder === theirOrder ? findings : [...findings, { name: 'order', our: ourOrder, their: theirOrder }];
}

function byName(facts: readonly Fact[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of facts) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before} ${value}`);
  }
  return found;
}

/** The order of what both state. */
function orderOf(facts: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string {
  return [...facts.keys()].filter((name) => others.has(name)).join(' ');
}

function excuses(difference: Difference, line: string, { name, our, their }: Finding): boolean {
  const { ours = null, theirs = null } = difference;
  return (
    difference.line.test(line) &&
    (difference.fact ?? /^$/).test(name) &&
    (ours === null ? our === null : our !== null && ours.test(our)) &&
    (theirs === null ? their === null : their !== null && theirs.test(their))
  );
}
