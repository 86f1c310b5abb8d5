// A Unix datagram socket that keeps what it receives: the end of systemd's notification socket, and of the system's log.
// Node.js has no such sockets; perl, which every Debian has, does.

import { Program } from './program.js';
import { waitFor } from './wait.js';
import type { Workspace } from './workspace.js';

const LISTENER = `
use Socket;
$| = 1;
socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, sockaddr_un($ARGV[0])) or die "bind: $!";
print "listening\\n";
while (defined recv($socket, my $message, 65536, 0)) { $message =~ s/\\n*$//; print "$message\\n" }
`;
const START_LIMIT = 5_000;

export class DatagramSocket {
  readonly path: string;
  readonly #program: Program;

  private constructor(path: string, program: Program) {
    this.path = path;
    this.#program = program;
  }

  static async open(workspace: Workspace, name: string): Promise<DatagramSocket> {
    const path = `${workspace.path}/${name}`;
    const args = ['-e', LISTENER, path];
    const program = await Program.start({ name, command: 'perl', args, directory: workspace.path });
    await waitFor('the datagram socket is bound', START_LIMIT, () => {
      if (!program.stdout.startsWith('listening\n')) throw new Error(program.stderr);
    });
    return new DatagramSocket(path, program);
  }

  /** Every line of every datagram so far. */
  get lines(): readonly string[] {
    return this.#program.stdout.trimEnd().split('\n').slice(1);
  }

  async close(): Promise<void> {
    await this.#program.kill();
  }
}
