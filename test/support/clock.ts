// The one clock of the harness. It is the monotonic clock anchored to the Unix epoch, so that moments noted by
// several observers of one test can be subtracted from each other and still be printed as a time of day.

/** Milliseconds since the Unix epoch that never jump. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
