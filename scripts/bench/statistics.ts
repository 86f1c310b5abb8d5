// The few figures a benchmark reports of a series of measurements.

export interface Summary {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Summarises a series; throws for an empty one, which has no median. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const [lower, upper] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  const [minimum, maximum] = [sorted[0], sorted.at(-1)];
  if (lower === undefined || upper === undefined || minimum === undefined || maximum === undefined) {
    throw new Error('nothing was measured');
  }
  return { median: (lower + upper) / 2, minimum, maximum };
}
