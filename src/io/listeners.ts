// Everything the Sentinel port accepts connections on: TCP and TLS on every address of `bind`, and a Unix socket.
//
// Whatever way a connection came, it is handed on as a socket that nobody has read from. One that is still agreeing on TLS is nobody's
// client yet: it is kept here, for a short time, and dropped with the rest.

import { accessSync, chmodSync, constants, lstatSync, unlinkSync } from 'node:fs';
import { createServer, isIPv6, type ListenOptions, type Server as NetServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls';

import type { EventLevel } from '../core/event.js';
import type { Millis } from '../core/types.js';
import { toByteString } from './native-text.js';
import { isAbsent, parseBinding } from './server-binding.js';

export interface ListenersOptions {
  /** 0 lets the operating system choose; null for no TCP without TLS. */
  readonly port: number | null;
  readonly tls: TlsPort | null;
  /** Words of the `bind` directive. */
  readonly binds: readonly string[];
  readonly unixSocket: UnixSocket | null;
  readonly backlog: number;
  /** 0 switches it off. */
  readonly keepAlive: Millis;
  /** Connections that may be agreeing on TLS at the same time; more are dropped. */
  readonly maxHandshakes: number;
  /**
   * @param socket has not been read from
   * @param unixPath the path of the Unix socket, a byte string; null for TCP
   */
  accept(socket: Socket, unixPath: string | null): void;
  log(level: EventLevel, message: string): void;
}

export interface TlsPort {
  /** 0 lets the operating system choose. */
  readonly port: number;
  readonly options: TlsOptions;
}

export interface UnixSocket {
  /** Absolute, as the operating system takes it. */
  readonly path: string;
  /** 0 leaves the permissions to the umask. */
  readonly permissions: number;
}

/** One of the endpoints cannot be listened on; `cause` is the operating system's error. */
export class ListenFailure extends Error {
  /** For a person: `10.0.0.1:26379`, `[::1]:26379` or the path of a socket, a byte string. */
  readonly endpoint: string;

  constructor(endpoint: string, cause: unknown) {
    super(`Could not listen on ${endpoint}`, { cause });
    this.name = 'ListenFailure';
    this.endpoint = endpoint;
  }
}

/** A client that has not agreed on TLS by then is dropped. */
const HANDSHAKE_LIMIT: Millis = 10_000;

export class Listeners {
  readonly #options: ListenersOptions;
  readonly #tcp: NetServer[] = [];
  readonly #tls: TlsServer[] = [];
  /** By their two ends, which is all that the finished connection has in common with the one it began as. */
  readonly #handshaking = new Map<string, Socket>();
  #unix: NetServer | null = null;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** The port without TLS: what is listened on, or what was asked for while nothing is; null if none was. */
  get port(): number | null {
    return portOf(this.#tcp) ?? this.#options.port;
  }

  /** The port for TLS, likewise. */
  get tlsPort(): number | null {
    return portOf(this.#tls) ?? this.#options.tls?.port ?? null;
  }

  /** Rejects with a `ListenFailure` for the first endpoint that cannot be listened on; then nothing is. */
  async open(): Promise<void> {
    try {
      if (this.#options.port !== null) await this.#openEverywhere((word) => this.#openTcp(word));
      if (this.#options.tls !== null) await this.#openTls(this.#options.tls);
      if (this.#options.unixSocket !== null) await this.#openUnix(this.#options.unixSocket);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Serves clients that come from now on with other certificates. */
  renewTls(options: TlsOptions): void {
    for (const listener of this.#tls) listener.setSecureContext(options);
  }

  /**
   * Accepts nobody any more. Resolves when the last connection that is still in the socket it was accepted with is closed, which is the
   * business of who accepted it.
   */
  async close(): Promise<void> {
    for (const socket of this.#handshaking.values()) socket.destroy();
    const listeners = [...this.#tcp.splice(0), ...this.#tls.splice(0), ...(this.#unix === null ? [] : [this.#unix])];
    this.#unix = null;
    await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
  }

  async #openEverywhere(open: (word: string) => Promise<boolean>): Promise<void> {
    const { binds } = this.#options;
    let opened = 0;
    for (const word of binds) if (await open(word)) opened++;
    if (opened === 0 && binds.length > 0) throw new Error(`none of the addresses ${binds.join(' ')} exists here`);
  }

  async #openTcp(word: string): Promise<boolean> {
    const listener = createServer({ ...this.#socketOptions(), pauseOnConnect: true });
    listener.on('connection', (socket) => this.#options.accept(socket, null));
    return await this.#bind(listener, this.#tcp, word, this.port ?? 0);
  }

  async #openTls({ options }: TlsPort): Promise<void> {
    await this.#openEverywhere(async (word) => {
      const listener = createTlsServer({ ...options, ...this.#socketOptions(), handshakeTimeout: HANDSHAKE_LIMIT });
      listener.on('connection', (socket: Socket) => this.#beginHandshake(socket));
      listener.on('secureConnection', (socket) => this.#finishHandshake(socket));
      listener.on('tlsClientError', (error, socket) => {
        this.#options.log('verbose', `Error accepting a client connection: ${toByteString(error.message)}`);
        socket.destroy();
      });
      return await this.#bind(listener, this.#tls, word, this.tlsPort ?? 0);
    });
  }

  #beginHandshake(socket: Socket): void {
    if (this.#handshaking.size >= this.#options.maxHandshakes) {
      socket.destroy();
      return;
    }
    const ends = endsOf(socket);
    this.#handshaking.set(ends, socket);
    socket.once('close', () => this.#handshaking.delete(ends));
  }

  /** With `tls-auth-clients optional` a certificate may be missing, but not be a bad one. */
  #finishHandshake(socket: TLSSocket): void {
    this.#handshaking.delete(endsOf(socket));
    if (!socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0) {
      this.#options.log('verbose', `Error accepting a client connection: ${String(socket.authorizationError)}`);
      socket.on('error', () => socket.destroy());
      socket.destroy();
      return;
    }
    this.#options.accept(socket, null);
  }

  /** A socket file that a process left behind is in nobody's way; any other file stays, and is an error. */
  async #openUnix({ path, permissions }: UnixSocket): Promise<void> {
    const listener = createServer({ pauseOnConnect: true });
    listener.on('connection', (socket) => this.#options.accept(socket, toByteString(path)));
    try {
      if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
      // Node.js reports a directory that is missing as one that may not be written.
      accessSync(dirname(path), constants.W_OK | constants.X_OK);
      await listenOn(listener, { path, backlog: this.#options.backlog });
      this.#unix = this.#keep(listener);
      if (permissions !== 0) chmodSync(path, permissions);
    } catch (error) {
      throw new ListenFailure(toByteString(path), error);
    }
  }

  /** False if the machine does not have the address and need not have it. */
  async #bind<L extends NetServer>(listener: L, opened: L[], word: string, port: number): Promise<boolean> {
    const { host, isOptional, isIpv6 } = parseBinding(word);
    try {
      // One port for all addresses, also when the operating system has chosen it for the first.
      await listenOn(listener, { host, port, backlog: this.#options.backlog, ipv6Only: isIpv6 });
    } catch (error) {
      if (isOptional && error instanceof Error && isAbsent(error)) return false;
      throw new ListenFailure(`${isIPv6(host) ? `[${host}]` : host}:${port}`, error);
    }
    opened.push(this.#keep(listener));
    return true;
  }

  #keep<L extends NetServer>(listener: L): L {
    listener.on('error', (error) => {
      this.#options.log('warning', `Accepting a connection failed: ${toByteString(error.message)}`);
    });
    return listener;
  }

  #socketOptions(): { noDelay: boolean; keepAlive: boolean; keepAliveInitialDelay: Millis } {
    const { keepAlive } = this.#options;
    return { noDelay: true, keepAlive: keepAlive > 0, keepAliveInitialDelay: keepAlive };
  }
}

function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

function portOf(listeners: readonly NetServer[]): number | null {
  const address = listeners[0]?.address();
  return typeof address === 'object' && address !== null ? address.port : null;
}

function listenOn(listener: NetServer, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}
