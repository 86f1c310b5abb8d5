// Cleans up after this process when it can no longer do that itself: killed with SIGKILL, or crashed inside Node.js.
//
// A helper holds the other end of a pipe that only our end closes, whatever ended us. It is told what there is to be removed, and
// what is gone; at the end of the pipe it kills the one and deletes the other. It is perl, because a shell cannot keep a list
// safely and another Node.js would cost every test run fifty megabytes.

import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Something that would outlive us. A network is what `network.ts` makes under this name: a bridge, cables, namespaces. */
export type Leftover =
  | { readonly process: number }
  | { readonly mount: string }
  | { readonly directory: string }
  | { readonly network: string };

const HELPER = `
use File::Path qw(remove_tree);
my %lists = (process => {}, mount => {}, directory => {}, network => {});
while (<STDIN>) {
  chomp;
  my ($sign, $kind, $what) = split / /, $_, 3;
  if ($sign eq '+') { $lists{$kind}{$what} = 1 } else { delete $lists{$kind}{$what} }
}
kill 'KILL', keys %{$lists{process}};
system 'umount', '--lazy', $_ for keys %{$lists{mount}};
for my $name (keys %{$lists{network}}) {
  for my $path (glob "/sys/class/net/$name*") {
    system 'ip', 'link', 'delete', $1 if $path =~ m{/(\\Q$name\\E(?:c\\d+)?)$};
  }
  for my $path (glob "/run/netns/$name-*") { system 'ip', 'netns', 'delete', $1 if $path =~ m{([^/]+)$} }
}
my %directories = %{$lists{directory}};
# What was just killed may still create a file.
for (1 .. 10) {
  remove_tree($_, { error => \\my $ignored }) for keys %directories;
  last unless grep { -e } keys %directories;
  select undef, undef, undef, 0.05;
}
`;

let pipe: Socket | null = null;

/** Has this removed if we end without forgetting it. */
export function entrust(leftover: Leftover): void {
  tell('+', leftover);
}

/** It is gone, or is to stay. */
export function forget(leftover: Leftover): void {
  tell('-', leftover);
}

function tell(sign: '+' | '-', leftover: Leftover): void {
  pipe ??= hire();
  const [[kind, what] = []] = Object.entries(leftover);
  pipe.write(`${sign} ${kind} ${what}\n`);
}

function hire(): Socket {
  // A session of its own: Ctrl-C on the terminal is not for it.
  const helper = spawn('perl', ['-e', HELPER], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  const end = helper.stdin as Socket;
  helper.unref();
  end.unref();
  return end;
}
