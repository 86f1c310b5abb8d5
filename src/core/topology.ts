// Who is watched, and through which link: masters by name and by address, data nodes by link, peers sharing links by address.

import { canonicalHost, isHostName, isIpAddress } from '../protocol/host.js';
import { DataNode } from './data-node.js';
import { MAX_NAMES_HEARD } from './limits.js';
import { Link } from './link.js';
import type { Master } from './master.js';
import type { Newcomer } from './newcomer.js';
import type { Peer } from './peer.js';
import type { ProcessSettings } from './state.js';
import { type Address, addressKey, type LinkId, type Millis } from './types.js';

/** A link to another Sentinel with all the masters that use it. */
export interface PeerLink {
  readonly link: Link;
  readonly users: Map<Master, Peer>;
  wakeAt: Millis;
  /** The run id that the other end gave when asked over this very link; null until it answered. */
  confirmedRunId: string | null;
  /** The other end cannot say who it is: an original before 6.2, or we lack the permission. */
  isAnonymous: boolean;
  /** Who announces itself at this address and is not believed yet. */
  readonly newcomers: Map<Newcomer, Master>;
}

/** All masters for whose sake there is a link. */
export function* mastersOf(shared: PeerLink): IterableIterator<Master> {
  yield* shared.users.keys();
  yield* shared.newcomers.values();
}

/** The name of a host that others use and that is no link's; see `names.ts`. */
export interface HeardName {
  askedAt: Millis;
  isAnswered: boolean;
  /** The names of the masters that have to be looked at when the answer is news. */
  readonly masters: Set<string>;
}

export interface NodeOwner {
  readonly master: Master;
  readonly node: DataNode;
}

export interface HelloSender {
  readonly master: Master;
  readonly peer: Peer;
}

export class Topology {
  readonly masters = new Map<string, Master>();
  readonly peerLinks = new Map<string, PeerLink>();
  readonly #nodeByLink = new Map<LinkId, NodeOwner>();
  readonly #peerLinkById = new Map<LinkId, PeerLink>();
  readonly #mastersByAddress = new Map<string, Set<Master>>();
  /** By what each peer said in its last hello, without the epoch. */
  readonly #senderByHello = new Map<string, HelloSender>();
  readonly #ipByHost = new Map<string, string>();
  readonly namesHeard = new Map<string, HeardName>();
  readonly #settings: ProcessSettings;
  #nextLink: LinkId = 1;

  constructor(settings: ProcessSettings) {
    this.#settings = settings;
  }

  // Names and addresses

  /** The last good address of a host name, or the address itself in its usual spelling; the name while it is not resolved. */
  ipOf(host: string): string {
    return this.#ipByHost.get(host) ?? canonicalHost(host);
  }

  hasIp(host: string): boolean {
    return this.#ipByHost.has(host);
  }

  learnIp(host: string, ip: string): void {
    this.#ipByHost.set(host, ip);
    if (this.#ipByHost.size > this.#nodeByLink.size + this.#peerLinkById.size + 2 * MAX_NAMES_HEARD)
      this.#forgetUnusedIps();
    if (![...this.masters.values()].some(({ node }) => node.address.host === host)) return;
    this.#mastersByAddress.clear();
    for (const master of this.masters.values()) this.indexAddress(master);
  }

  /** Whoever may publish can name as many hosts as there are names. */
  #forgetUnusedIps(): void {
    const used = new Set(this.namesHeard.keys());
    for (const { node } of this.#nodeByLink.values()) used.add(node.link.address.host);
    for (const { link } of this.#peerLinkById.values()) used.add(link.address.host);
    for (const host of this.#ipByHost.keys()) if (!used.has(host)) this.#ipByHost.delete(host);
  }

  isSame(one: Address, other: Address): boolean {
    return one.port === other.port && (one.host === other.host || this.ipOf(one.host) === this.ipOf(other.host));
  }

  /** How an address is told to clients and peers: by name only with `announce-hostnames`. */
  announced(address: Address): string {
    return this.#settings.announceHostnames ? address.host : this.ipOf(address.host);
  }

  /**
   * Whether a host may be taken up, whoever names it: an IP address always, the name of a host only while names are resolved. What
   * is taken up is saved, and the next start refuses a file that says otherwise.
   */
  mayUse(host: string): boolean {
    return isIpAddress(host) || (this.#settings.resolveHostnames && isHostName(host));
  }

  // Masters

  addMaster(master: Master): void {
    this.masters.set(master.name, master);
    this.indexAddress(master);
  }

  /** Forgets the master and returns the links that nobody uses any more. */
  removeMaster(master: Master): Link[] {
    this.masters.delete(master.name);
    this.#unindexAddress(master);
    const unused: Link[] = [];
    for (const node of master.nodes()) unused.push(this.removeNode(node));
    for (const peer of [...master.peers.values()]) {
      const link = this.removePeer(master, peer);
      if (link !== null) unused.push(link);
    }
    for (const newcomer of master.newcomers.values()) {
      const link = this.releaseNewcomer(newcomer);
      if (link !== null) unused.push(link);
    }
    master.newcomers.clear();
    return unused;
  }

  masterAt(host: string, port: number): Master | null {
    const found = this.#mastersByAddress.get(addressKey({ host: this.ipOf(host), port }));
    for (const master of found ?? []) return master;
    return null;
  }

  indexAddress(master: Master): void {
    const { host, port } = master.node.address;
    const key = addressKey({ host: this.ipOf(host), port });
    const masters = this.#mastersByAddress.get(key) ?? new Set();
    this.#mastersByAddress.set(key, masters.add(master));
  }

  /** Makes another node the configured master; the former one joins the replicas. */
  exchangeMaster(master: Master, node: DataNode): void {
    this.#unindexAddress(master);
    const former = master.node;
    master.replicas.delete(addressKey(node.address));
    master.replicas.set(addressKey(former.address), former);
    master.node = node;
    this.indexAddress(master);
  }

  #unindexAddress(master: Master): void {
    const { host, port } = master.node.address;
    this.#mastersByAddress.get(addressKey({ host: this.ipOf(host), port }))?.delete(master);
  }

  // Data nodes

  newNode(address: Address, now: Millis, lateness: Millis): DataNode {
    return new DataNode(address, new Link(this.#nextLink++, address, now, lateness), now);
  }

  attachNode(master: Master, node: DataNode): void {
    this.#nodeByLink.set(node.link.id, { master, node });
  }

  removeNode(node: DataNode): Link {
    this.#nodeByLink.delete(node.link.id);
    return node.link;
  }

  nodeOfLink(link: LinkId): NodeOwner | undefined {
    return this.#nodeByLink.get(link);
  }

  /** The known data node at an address, by whatever name. */
  findNode(master: Master, address: Address): DataNode | null {
    const exact = master.replicas.get(addressKey(address));
    if (exact !== undefined) return exact;
    for (const node of master.nodes()) if (this.isSame(node.address, address)) return node;
    return null;
  }

  // Peers

  /** The shared link to a Sentinel's address, made on first use. */
  linkToPeer(address: Address, now: Millis, lateness: Millis): Link {
    const key = addressKey(address);
    let shared = this.peerLinks.get(key);
    if (shared === undefined) {
      const link = new Link(this.#nextLink++, address, now, lateness);
      shared = { link, users: new Map(), wakeAt: now, confirmedRunId: null, isAnonymous: false, newcomers: new Map() };
      this.peerLinks.set(key, shared);
      this.#peerLinkById.set(link.id, shared);
    }
    return shared.link;
  }

  addPeer(master: Master, peer: Peer): void {
    master.peers.set(peer.runId, peer);
    const shared = this.#peerLinkById.get(peer.link.id);
    if (shared === undefined) throw new Error(`no shared link ${peer.link.id}`);
    shared.users.set(master, peer);
    peer.link.references = shared.users.size;
  }

  /** Returns the peer's link when no other master uses it. */
  removePeer(master: Master, peer: Peer): Link | null {
    if (master.peers.get(peer.runId) === peer) master.peers.delete(peer.runId);
    this.rememberHello(master, peer, '');
    const shared = this.#peerLinkById.get(peer.link.id);
    if (shared === undefined) return null;
    if (shared.users.get(master) === peer) shared.users.delete(master);
    return this.#dropIfUnused(shared);
  }

  /** This is what the peer's last hello said beside the epoch; empty for nothing that could be recognised. */
  rememberHello(master: Master, peer: Peer, text: string): void {
    if (this.#senderByHello.get(peer.lastHello)?.peer === peer) this.#senderByHello.delete(peer.lastHello);
    peer.lastHello = text;
    if (text !== '') this.#senderByHello.set(text, { master, peer });
  }

  /** Whose last hello said this, word for word. */
  senderOfHello(text: string): HelloSender | undefined {
    return this.#senderByHello.get(text);
  }

  addNewcomer(master: Master, newcomer: Newcomer): void {
    master.newcomers.set(newcomer.runId, newcomer);
    this.#peerLinkById.get(newcomer.link.id)?.newcomers.set(newcomer, master);
  }

  /** Takes the newcomer off its link, which is returned when nobody else uses it. */
  releaseNewcomer(newcomer: Newcomer): Link | null {
    const shared = this.#peerLinkById.get(newcomer.link.id);
    if (shared === undefined || !shared.newcomers.delete(newcomer)) return null;
    return this.#dropIfUnused(shared);
  }

  #dropIfUnused(shared: PeerLink): Link | null {
    const { link, users, newcomers } = shared;
    link.references = Math.max(1, users.size);
    if (users.size > 0 || newcomers.size > 0) return null;
    this.#peerLinkById.delete(link.id);
    this.peerLinks.delete(addressKey(link.address));
    return link;
  }

  peerLinkOf(link: LinkId): PeerLink | undefined {
    return this.#peerLinkById.get(link);
  }
}
