// Why a start was given up, in words for the operator, and where they belong: errors of the configuration go to standard error,
// everything else into the log, as with the original.

import { getSystemErrorMap } from 'node:util';

import type { ConfigurationError } from '../config/parser.js';
import { toByteString } from './native-text.js';
import { VERSION } from './process-facts.js';

/** Ends the start with status 1. */
export class StartFailure extends Error {
  /** One line, a byte string. */
  readonly explanation: string;

  constructor(explanation: string) {
    super(explanation);
    this.name = 'StartFailure';
    this.explanation = explanation;
  }
}

/** What the start needs cannot be loaded. The lines after the first only name the files that asked for it. */
export function incompleteInstallation(error: unknown): StartFailure {
  const [reason = ''] = systemReason(error).split('\n', 1);
  return new StartFailure(`The installation is incomplete or damaged: ${reason}. Exiting...`);
}

/** A configuration that was read and cannot be accepted. */
export class ConfigurationFailure extends Error {
  /** Several lines for standard error, a byte string. */
  readonly explanation: string;

  constructor(lines: readonly string[]) {
    super(lines.at(-1));
    this.name = 'ConfigurationFailure';
    const title = `*** FATAL CONFIG FILE ERROR (Vedette ${VERSION}) ***`;
    this.explanation = `\n${[title, ...lines].join('\n')}\n`;
  }
}

/** The words of Redis for a line that cannot be accepted: scripts look for them. */
export function describeBadLine({ file, line, lineNumber, reason }: ConfigurationError): ConfigurationFailure {
  const where = file === null ? 'the configuration file' : `the configuration file ${file}`;
  return new ConfigurationFailure([`Reading ${where}, at line ${lineNumber}`, `>>> '${line}'`, reason]);
}

/** What the operating system said, without Node's decoration and as C programs say it: "No such file or directory". */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno } = error as NodeJS.ErrnoException;
  const [, description] = (errno === undefined ? undefined : getSystemErrorMap().get(errno)) ?? [];
  if (description === undefined) return toByteString(error.message);
  return toByteString(description.charAt(0).toUpperCase() + description.slice(1));
}
