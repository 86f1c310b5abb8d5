// The results of the failover benchmark for people: plain text for a terminal, Markdown for docs/benchmarks.md.

import { cpus } from 'node:os';

import type { SentinelKind } from '../../test/support/sentinel-process.js';
import { column } from '../terminal.js';
import { type Figure, formatValue, type Round, summaryOf } from './figures.js';
import type { Situation } from './situations.js';

/** The rounds of one situation by kind. */
export type Results = ReadonlyMap<SentinelKind, readonly Round[]>;

export interface Measured {
  readonly situation: Situation;
  readonly downAfterMillis: number;
  readonly rounds: number;
  readonly results: Results;
}

const TITLE_WIDTH = 54;
const NUMBER_WIDTH = 11;

/** A line about the machine, without a name that would say whose it is. */
export function describeMachine(): string {
  const processors = cpus();
  return `Node.js ${process.version}, ${processors.length} × ${processors[0]?.model ?? 'unknown processor'}`;
}

export function textTable({ situation, downAfterMillis, rounds, results }: Measured): string {
  const lines = [
    '',
    `${situation.title}: ${rounds} rounds, 3 supervisors, 1 master, 2 replicas, down-after ${downAfterMillis} ms`,
    describeMachine(),
  ];
  for (const [kind, measured] of results) {
    lines.push('', row(titleOf(situation, kind), ['median', 'min', 'max']));
    for (const figure of situation.figures) lines.push(row(figure.title, cells(figure, measured)));
  }
  const compared = situation.figures.flatMap((figure) => {
    const ratio = ratioOf(figure, results);
    return ratio === null ? [] : [row(figure.title, [ratio])];
  });
  if (compared.length > 0) lines.push('', 'redis-sentinel takes, compared with Vedette', ...compared);
  lines.push('', ...explanationOfLosses(situation, results));
  return `${lines.join('\n')}\n`;
}

/** One table a situation: medians with the range, and how many times as long redis-sentinel takes. */
export function markdownTable({ situation, downAfterMillis, rounds, results }: Measured): string {
  const kinds = [...results.keys()];
  const lines = [
    '',
    `**${situation.title}** (\`${situation.name}\`, down-after ${downAfterMillis} ms, ${rounds} rounds)`,
    '',
    markdownRow(['median (min … max)', ...kinds.map((kind) => titleOf(situation, kind)), 'ratio']),
    markdownRow(Array.from({ length: kinds.length + 2 }, () => '---')),
  ];
  for (const figure of situation.figures) {
    const values = [...results.values()].map((measured) => {
      const [median, minimum, maximum] = cells(figure, measured);
      return `${median} (${minimum} … ${maximum})`;
    });
    lines.push(markdownRow([figure.title, ...values, ratioOf(figure, results) ?? '']));
  }
  return `${lines.join('\n')}\n`;
}

function titleOf(situation: Situation, kind: SentinelKind): string {
  const setting = situation.settingOf(kind);
  return setting === null ? kind : `${kind}, ${setting}`;
}

function row(title: string, values: readonly string[]): string {
  return column(title, TITLE_WIDTH) + values.map((cell) => cell.padStart(NUMBER_WIDTH)).join('');
}

/** A row of a Markdown table, without the line's end. */
export function markdownRow(values: readonly string[]): string {
  return `| ${values.join(' | ')} |`;
}

function cells(figure: Figure, rounds: readonly Round[]): readonly string[] {
  const { median, minimum, maximum } = summaryOf(figure, rounds);
  const range = [minimum, maximum].map((value) => formatValue(figure, value));
  return [`${formatValue(figure, median)} ${figure.unit}`.trim(), ...range];
}

/** How many times as long redis-sentinel takes, by the medians; null for what is no duration or was not measured of both. */
function ratioOf(figure: Figure, results: Results): string | null {
  const [vedette, stock] = [results.get('vedette'), results.get('redis-sentinel')];
  if (vedette === undefined || stock === undefined || figure.unit !== 'ms') return null;
  const ratio = summaryOf(figure, stock).median / summaryOf(figure, vedette).median;
  return `${ratio.toFixed(2)} ×`;
}

function explanationOfLosses({ name, figures }: Situation, results: Results): readonly string[] {
  const isLossy = [...results.values()].flat().some(({ lost = 0 }) => lost > 0);
  if (name === 'planned' || !figures.some((figure) => figure.name === 'lost') || !isLossy) return [];
  return [
    'Replication is asynchronous: a master acknowledges a write before its replicas have it. What it had acknowledged',
    'and not yet sent when it failed is lost with it, whichever supervisor promotes the replica.',
    '',
  ];
}
