// Where a process of a test runs: the address it binds and is reached at, and what stands before its command line so that
// it runs there. Without one, a process runs on the loopback address of this machine.

export interface Place {
  readonly address: string;
  /** Words before the command, which must replace themselves by it (`ip netns exec NAME`): the process id stays its own. */
  readonly enter: readonly string[];
  /** The host name under which what runs here announces itself; its address unless given. */
  readonly name?: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export const LOOPBACK: Place = { address: '127.0.0.1', enter: [] };

/** The command and arguments that run a command line at a place. */
export function commandAt(place: Place, command: string, args: readonly string[]): readonly [string, string[]] {
  const [first = command, ...rest] = [...place.enter, command, ...args];
  return [first, rest];
}
