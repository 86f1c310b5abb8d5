// The names by which the executable knows that it is used as a tool. Apart from their commands, so that starting a Sentinel
// loads none of them.

export const COMMANDS: readonly string[] = ['start', 'status', 'get-master', 'failover', 'events'];
const QUESTIONS = new Set(['help', '--help', '-h', '--version', '-v']);

/**
 * The words for the tools; null if a Sentinel is to be started on the configuration file that the first one names. Who asks for
 * help or the version behind a file gets that: no directive has these names. The short forms could be values of one.
 */
export function wordsForTools(words: readonly string[]): readonly string[] | null {
  const [first = '', second = ''] = words;
  if (COMMANDS.includes(first) || QUESTIONS.has(first)) return words;
  const question = words.find((word) => word === '--help' || word === '--version');
  if (question !== undefined) return [question];
  return second === '-h' || second === '-v' ? [second] : null;
}

/** Whether a word looks like a command rather than like a path. */
export function looksLikeCommand(word: string): boolean {
  return /^[a-z][a-z-]*$/i.test(word);
}
