// The names by which the executable knows that it is used as a tool. Apart from their commands, so that starting a Sentinel
// loads none of them.

const WORDS = new Set([
  'start',
  'status',
  'get-master',
  'failover',
  'events',
  'help',
  '--help',
  '-h',
  '--version',
  '-v',
]);

/** Whether a first argument belongs to the tools; otherwise it is the path of a configuration file. */
export function isForCommandLine(word: string): boolean {
  return WORDS.has(word);
}
