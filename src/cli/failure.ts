// A command that cannot do what it was asked for, in words for the operator.

export class CommandFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/** Ends the process with status 1, when it has nothing else to do, and the failure's words on standard error. */
export function reportFailure({ message }: CommandFailure): void {
  process.stderr.write(`vedette: ${message}\n`);
  process.exitCode = 1;
}

/** The last line of what is said of words that were not understood. `command` is one of the tools, or '' for all of them. */
export function pointToHelp(command: string): string {
  return command === ''
    ? 'vedette --help lists the commands and their options.'
    : `vedette ${command} --help explains its options.`;
}
