// Links whose inputs are kept in a list, and the steps that every test of links repeats.

import type { Request } from '../../src/core/effect.js';
import type { Input } from '../../src/core/input.js';
import type { Credentials } from '../../src/core/types.js';
import { Links } from '../../src/io/links.js';
import { waitFor } from '../support/wait.js';

export const LIMIT = 3_000;
export const LINK = 7;
/** The one name that has no known address. */
const UNRESOLVED = 'node.example';

type Of<Kind extends Input['kind']> = Extract<Input, { kind: Kind }>;

export class LinkRecorder {
  readonly inputs: Input[] = [];
  readonly warnings: string[] = [];
  readonly links = new Links({
    deliver: (input) => this.inputs.push(input),
    ipOf: (host) => (host === UNRESOLVED ? null : host),
    warn: (message) => this.warnings.push(message),
  });

  open(port: number, options: { credentials?: Credentials; host?: string } = {}): void {
    const { credentials = null, host = '127.0.0.1' } = options;
    this.links.open({ kind: 'open', link: LINK, address: { host, port }, credentials, clientName: 'sentinel-test' });
  }

  async openAndWait(port: number, credentials?: Credentials): Promise<void> {
    this.open(port, credentials === undefined ? {} : { credentials });
    await this.next('link-up');
  }

  of<Kind extends Input['kind']>(kind: Kind): Of<Kind>[] {
    return this.inputs.filter((input): input is Of<Kind> => input.kind === kind);
  }

  async next<Kind extends Input['kind']>(kind: Kind, count = 1, within = LIMIT): Promise<Of<Kind>> {
    return await waitFor(`input ${count} of kind ${kind}`, within, () => {
      const found = this.of(kind)[count - 1];
      if (found === undefined) throw new Error(JSON.stringify(this.inputs));
      return found;
    });
  }

  send(...requests: readonly Request[]): void {
    for (const request of requests) this.links.send(LINK, request);
    this.links.flush();
  }

  /** Sends one request and returns the replies to it. */
  async ask(request: Request): Promise<Of<'reply'>['replies']> {
    const before = this.of('reply').length;
    this.send(request);
    return (await this.next('reply', before + 1)).replies;
  }
}
