// `vedette events`: what a running Sentinel observes and decides, as it happens.

import type { CommandModule } from 'yargs';

import { CommandFailure } from './failure.js';
import { type Target, withSentinel, withTarget } from './target.js';

export const events: CommandModule<object, Target> = {
  command: 'events',
  describe: 'Print the events of a running Sentinel until interrupted',
  builder: (argv) => withTarget(argv),
  handler: async (options) => {
    await followEvents(options, (line) => process.stdout.write(line));
  },
};

/** Passes on each event as a line. Never resolves; rejects with `CommandFailure` when the connection ends. */
export async function followEvents(target: Target, print: (line: string) => void): Promise<never> {
  return await withSentinel(target, async (sentinel) => {
    sentinel.on('pmessage', (_pattern: string, channel: string, message: string) => {
      print(`${timestamp(new Date())}  ${channel} ${message}\n`);
    });
    const ended = new Promise<never>((_resolve, reject) => {
      sentinel.once('end', () => reject(new CommandFailure('the connection has ended')));
    });
    // Observed in any case: the subscription may fail first.
    ended.catch(() => undefined);
    await sentinel.psubscribe('*');
    return await ended;
  });
}

/** Local time to the millisecond, with the date: events may be days apart. */
function timestamp(at: Date): string {
  const pad = (number: number, digits = 2) => String(number).padStart(digits, '0');
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return `${day} ${time}.${pad(at.getMilliseconds(), 3)}`;
}
