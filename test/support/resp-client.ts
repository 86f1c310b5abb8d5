// A client of one port that connects when it is first used and again when its connection was lost. Each command is sent
// once: a lost connection fails the commands that wait on it, and only the next command connects anew.

import { RespConnection, type RespConnectionOptions, type RespValue } from './resp-connection.js';

export class RespClient {
  readonly #port: number;
  readonly #options: RespConnectionOptions;
  #connection: Promise<RespConnection> | null = null;

  constructor(port: number, options: RespConnectionOptions = {}) {
    this.#port = port;
    this.#options = options;
  }

  async command(...words: readonly (string | number)[]): Promise<RespValue> {
    const connection = await this.#open();
    return await connection.command(...words);
  }

  /** Closes the connection, if there is one. The next command opens another. */
  close(): void {
    this.#connection?.then(
      (connection) => connection.close(),
      () => undefined,
    );
    this.#connection = null;
  }

  async #open(): Promise<RespConnection> {
    this.#connection ??= RespConnection.open(this.#port, this.#options);
    const opening = this.#connection;
    try {
      const connection = await opening;
      if (!connection.isClosed) return connection;
    } catch (error) {
      if (this.#connection === opening) this.#connection = null;
      throw error;
    }
    if (this.#connection === opening) this.#connection = null;
    return await this.#open();
  }
}
