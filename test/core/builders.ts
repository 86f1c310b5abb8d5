// Builders of what a test begins with. Every field has a sensible default, so that a test names only what it is about.

import type { MasterSettings, ProcessSettings, SavedMaster, SavedState } from '../../src/core/state.js';
import { defaultMasterSettings, defaultProcessSettings } from '../../src/core/state.js';
import type { Address, Epoch, Millis } from '../../src/core/types.js';
import { HISTORY, idOf, type NodeScript, ScriptedNode } from './scripted-node.js';
import { type PeerScript, ScriptedPeer } from './scripted-peer.js';
import { Stage } from './stage.js';

export const MY_ID = idOf('ourselves');
export const MASTER_ADDRESS: Address = { host: '10.0.0.1', port: 6379 };

export type MasterOptions = Partial<Omit<SavedMaster, 'settings'>> & Partial<MasterSettings>;

/** A saved master that has voted before (in epoch 1), so that it need not wait for a majority to report epochs. */
export function aMaster(options: MasterOptions = {}): SavedMaster {
  const { quorum = 2, ...rest } = options;
  const settings: MasterSettings = { ...defaultMasterSettings(quorum), downAfter: 1_000, failoverTimeout: 10_000 };
  const saved: SavedMaster = {
    name: 'mymaster',
    address: MASTER_ADDRESS,
    configEpoch: 1,
    voteEpoch: 1,
    voteLeader: null,
    replicas: [],
    peers: [],
    isMeeting: false,
    reigns: [],
    history: [],
    hold: null,
    settings,
  };
  for (const [name, value] of Object.entries(rest)) {
    Object.assign(name in settings ? settings : saved, { [name]: value });
  }
  return saved;
}

export interface SentinelOptions {
  readonly masters?: readonly SavedMaster[];
  readonly currentEpoch?: number;
  readonly settings?: Partial<ProcessSettings>;
  readonly myId?: string | null;
}

export function aState({
  masters = [aMaster()],
  currentEpoch = 1,
  settings,
  myId = MY_ID,
}: SentinelOptions = {}): SavedState {
  return { myId, currentEpoch, masters, settings: { ...defaultProcessSettings(), ...settings } };
}

/** A Sentinel alone on its stage; nothing answers unless parties are added. */
export function aSentinel({ seed = 1, ...options }: SentinelOptions & { readonly seed?: number } = {}): Stage {
  return new Stage(aState(options), seed);
}

export function replicaAddress(number: number): Address {
  return { host: `10.0.0.${number + 1}`, port: 6379 };
}

export function peerAddress(number: number): Address {
  return { host: `10.0.1.${number}`, port: 26379 };
}

export function peerId(number: number): string {
  return idOf(`peer ${number}`);
}

export interface GroupOptions {
  readonly replicas?: number;
  readonly peers?: number;
  readonly seed?: number;
  readonly master?: MasterOptions;
  readonly settings?: Partial<ProcessSettings>;
  readonly currentEpoch?: number;
  readonly node?: Partial<NodeScript>;
  readonly peer?: Partial<PeerScript>;
}

/** A Sentinel with everybody around it: the master, its replicas and the other Sentinels. */
export class Group extends Stage {
  readonly first: ScriptedNode;
  readonly replicas: readonly ScriptedNode[];
  readonly peers: readonly ScriptedPeer[];

  constructor({
    replicas = 2,
    peers = 2,
    seed = 1,
    master,
    settings,
    currentEpoch = 1,
    ...scripts
  }: GroupOptions = {}) {
    const numbers = Array.from({ length: replicas }, (_, index) => index + 1);
    const peerNumbers = Array.from({ length: peers }, (_, index) => index + 1);
    const saved = aMaster({
      replicas: numbers.map(replicaAddress),
      peers: peerNumbers.map((number) => ({ runId: peerId(number), address: peerAddress(number) })),
      reigns: [{ address: MASTER_ADDRESS, replicationId: HISTORY }],
      ...master,
    });
    const configuration = {
      address: saved.address,
      epoch: saved.configEpoch,
      promisedEpoch: 0,
      isReconfiguring: false,
    };
    const first = new ScriptedNode(saved.address, { role: 'master', replicas: numbers.map(replicaAddress) });
    const nodes = numbers.map(
      (number) => new ScriptedNode(replicaAddress(number), { follows: saved.address, ...scripts.node }),
    );
    const others = peerNumbers.map(
      (number) =>
        new ScriptedPeer(peerId(number), peerAddress(number), saved.address, {
          configuration: { ...configuration },
          ...scripts.peer,
        }),
    );
    super(aState({ masters: [saved], currentEpoch, ...(settings === undefined ? {} : { settings }) }), seed, [
      first,
      ...nodes,
      ...others,
    ]);
    this.first = first;
    this.replicas = nodes;
    this.peers = others;
  }

  replica(number: number): ScriptedNode {
    const node = this.replicas[number - 1];
    if (node === undefined) throw new Error(`no replica ${number}`);
    return node;
  }

  peer(number: number): ScriptedPeer {
    const peer = this.peers[number - 1];
    if (peer === undefined) throw new Error(`no peer ${number}`);
    return peer;
  }

  /** A peer has a newer configuration: it says so in a hello, and again over our link when it is asked. */
  learn(
    number: number,
    news: { readonly epoch: Epoch; readonly address: Address; readonly currentEpoch?: Epoch },
  ): void {
    const { script } = this.peer(number);
    script.configuration.epoch = news.epoch;
    script.configuration.address = news.address;
    this.hear(this.peer(number).hello({ currentEpoch: news.currentEpoch ?? news.epoch }));
    this.advance(QUESTION);
  }

  /** The master dies, and the other Sentinels notice with us. */
  killMaster(): void {
    this.crash(this.first);
    for (const replica of this.replicas) replica.script.linkUp = false;
    for (const peer of this.peers) peer.script.findsMasterDown = true;
  }
}

/** A group that has been running for a while: every link is up, everybody has reported, nothing is in flight. */
export function aGroup(options: GroupOptions = {}): Group {
  const group = new Group(options);
  group.advance(SETTLING);
  group.forget();
  return group;
}
const SETTLING: Millis = 950;
/** A round trip, and a little. */
const QUESTION: Millis = 3;
