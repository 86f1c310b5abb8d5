// The connection behind one link, or the two: servers without RESP3 need a second one for messages.
//
// The second connection is opened with the first subscription. When only that one breaks, the link stays up and the core is told
// that its subscriptions are lost; it then asks for them again. When the first one breaks, both are gone.

import type { Request } from '../core/effect.js';
import type { Input } from '../core/input.js';
import { type Channel, HELLO_CHANNEL, type LinkId, VOTE_CHANNEL } from '../core/types.js';
import { ErrorReply, type Reply } from '../protocol/reply.js';
import { Connection, type ConnectionOptions } from './connection.js';

export interface LinkOwner {
  deliver(input: Input): void;
  warn(message: string): void;
  /** The link has broken and is of no more use. Called before its `link-down` is delivered. */
  ended(): void;
}

interface SecondConnection {
  readonly connection: Connection;
  isOpen: boolean;
}

export class LinkConnections {
  readonly #link: LinkId;
  readonly #login: Omit<ConnectionOptions, 'wantsResp3'>;
  readonly #owner: LinkOwner;
  readonly #main: Connection;
  #second: SecondConnection | null = null;
  /** Requests for the second connection that have no answer yet, whether it is open or not. */
  #subscribing: Request[] = [];

  constructor(link: LinkId, login: Omit<ConnectionOptions, 'wantsResp3'>, owner: LinkOwner) {
    this.#link = link;
    this.#login = login;
    this.#owner = owner;
    this.#main = new Connection(
      { ...login, wantsResp3: true },
      {
        opened: (localHost) => owner.deliver({ kind: 'link-up', link, localHost }),
        closed: (reason, refused) => this.#end(reason, refused),
        message: (channel, payload) => this.#deliverMessage(channel, payload),
        loginRefused: (message) => owner.warn(`${login.host}:${login.port} refuses our login: ${message}`),
      },
    );
  }

  send(request: Request): void {
    if (request.purpose.kind !== 'subscribe') {
      this.#main.send(request.commands, (replies) => this.#deliverReply(request, replies));
    } else if (this.#main.hasResp3) {
      this.#main.subscribe(request.commands, (replies) => this.#deliverReply(request, replies.map(acknowledgement)));
    } else {
      this.#subscribing.push(request);
      this.#second ??= this.#openSecond();
      if (this.#second.isOpen) this.#subscribeOnSecond(this.#second.connection, request);
    }
  }

  flush(): void {
    this.#main.flush();
    this.#second?.connection.flush();
  }

  close(): void {
    this.#main.close();
    this.#second?.connection.close();
    this.#second = null;
  }

  #subscribeOnSecond(connection: Connection, request: Request): void {
    connection.subscribe(request.commands, (replies) => {
      this.#subscribing = this.#subscribing.filter((waiting) => waiting !== request);
      this.#deliverReply(request, replies.map(acknowledgement));
    });
  }

  #openSecond(): SecondConnection {
    const connection = new Connection(
      { ...this.#login, wantsResp3: false },
      {
        opened: () => this.#openedSecond(),
        closed: (reason) => this.#loseSecond(reason),
        message: (channel, payload) => this.#deliverMessage(channel, payload),
        // The first connection has reported the very same answer.
        loginRefused: () => undefined,
      },
    );
    return { connection, isOpen: false };
  }

  #openedSecond(): void {
    if (this.#second === null) return;
    this.#second.isOpen = true;
    for (const request of this.#subscribing) this.#subscribeOnSecond(this.#second.connection, request);
    this.#second.connection.flush();
  }

  #loseSecond(reason: string): void {
    const unanswered = this.#subscribing.splice(0);
    this.#second = null;
    for (const request of unanswered) this.#deliverReply(request, [new ErrorReply(`ERR ${reason}`)]);
    this.#owner.deliver({ kind: 'subscriptions-lost', link: this.#link, reason });
  }

  #end(reason: string, refused: boolean): void {
    this.#second?.connection.close();
    this.#second = null;
    this.#owner.ended();
    this.#owner.deliver({ kind: 'link-down', link: this.#link, reason, refused });
  }

  #deliverReply(request: Request, replies: readonly Reply[]): void {
    this.#owner.deliver({ kind: 'reply', link: this.#link, request, replies });
  }

  #deliverMessage(channel: string, payload: string): void {
    if (!isOurs(channel)) return;
    this.#owner.deliver({ kind: 'message', link: this.#link, channel, payload });
  }
}

/** SUBSCRIBE answers with the number of subscriptions; what matters is that it does. */
function acknowledgement(reply: Reply): Reply {
  return reply instanceof ErrorReply ? reply : 'OK';
}

function isOurs(channel: string): channel is Channel {
  return channel === HELLO_CHANNEL || channel === VOTE_CHANNEL;
}
