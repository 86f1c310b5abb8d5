// A process full of stand-ins for data nodes, each master with one replica; driven by messages of the benchmark that forked it.
//
//   → { start: N }            N masters, each with a replica      ← { ports: [...] } of the masters
//   → { kill: N }             the first N masters die at once     ← { killed: N }
//
// It ends when its parent does.

import { StandIn } from './stand-in.js';

export type FarmRequest = { readonly start: number } | { readonly kill: number };
export type FarmReply = { readonly ports: readonly number[] } | { readonly killed: number };

const masters: StandIn[] = [];

async function obey(request: FarmRequest): Promise<FarmReply> {
  if ('kill' in request) {
    for (const master of masters.slice(0, request.kill)) master.kill();
    return { killed: request.kill };
  }
  for (let count = 0; count < request.start; count++) {
    const master = await StandIn.start(null);
    await StandIn.start(master);
    masters.push(master);
  }
  return { ports: masters.map(({ port }) => port) };
}

process.on('message', (request: FarmRequest) => {
  obey(request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
