// How often we make ourselves known: to everybody every two seconds, and where many masters are watched less often on their nodes.

import { expect } from 'chai';

import { FEW_MASTERS, RAREST_NODE_HELLO } from '../../src/core/limits.js';
import { HELLO_CHANNEL, type Millis } from '../../src/core/types.js';
import { aMaster, aState, MASTER_ADDRESS, peerAddress, peerId, replicaAddress } from './builders.js';
import { ScriptedNode } from './scripted-node.js';
import { ScriptedPeer } from './scripted-peer.js';
import { type Party, Stage } from './stage.js';

const PERIOD: Millis = 2_000;
const WATCHED: Millis = 40_000;

interface Installation {
  readonly stage: Stage;
  readonly node: Party;
  readonly replica: Party;
  readonly peers: readonly ScriptedPeer[];
}

/** The master whose nodes are looked at, with two peers, and so many others of which nobody answers. */
function aSentinelOf(masters: number): Installation {
  const peers = [1, 2].map((number) => new ScriptedPeer(peerId(number), peerAddress(number), MASTER_ADDRESS));
  const node = new ScriptedNode(MASTER_ADDRESS, { role: 'master', replicas: [replicaAddress(1)] });
  const replica = new ScriptedNode(replicaAddress(1), { follows: MASTER_ADDRESS });
  const known = peers.map(({ runId, address }) => ({ runId, address }));
  const watched = aMaster({ downAfter: 30_000, replicas: [replicaAddress(1)], peers: known });
  const others = Array.from({ length: masters - 1 }, (_, index) => {
    const address = { host: `10.1.${index >> 8}.${index & 255}`, port: 6379 };
    return aMaster({ name: `other-${index}`, downAfter: 3_600_000, address });
  });
  const stage = new Stage(aState({ masters: [watched, ...others] }), 1, [node, replica, ...peers]);
  stage.advance(5_000);
  return { stage, node, replica, peers };
}

/** The mean time between two hellos about the watched master to this party. */
function meanPeriod({ stage }: Installation, party: Party): Millis {
  stage.forget();
  stage.advance(WATCHED);
  const moments = stage
    .sentTo(party, 'publish')
    .filter(
      ({ request }) => request.commands[0]?.[1] === HELLO_CHANNEL && request.commands[0][2]?.includes(',mymaster,'),
    )
    .map(({ at }) => at);
  const [first = 0, last = 0] = [moments[0], moments.at(-1)];
  return (last - first) / (moments.length - 1);
}

describe('Hello of ours', function () {
  // Hundreds of masters take a busy machine a while.
  this.timeout(30_000);

  it('goes to every node and every Sentinel each publish period', () => {
    const installation = aSentinelOf(FEW_MASTERS);
    const { node, replica, peers } = installation;
    for (const party of [node, replica, ...peers]) expect(meanPeriod(installation, party)).to.be.closeTo(PERIOD, 250);
  });

  it('goes to nodes less often the more masters there are, within bounds, and to Sentinels as often as ever', () => {
    for (const [masters, stretch] of [
      [2 * FEW_MASTERS, 2],
      [2 * RAREST_NODE_HELLO * FEW_MASTERS, RAREST_NODE_HELLO],
    ] as const) {
      const installation = aSentinelOf(masters);
      const { node, replica, peers } = installation;
      for (const party of [node, replica]) {
        expect(meanPeriod(installation, party)).to.be.closeTo(stretch * PERIOD, stretch * 250);
      }
      for (const party of peers) expect(meanPeriod(installation, party)).to.be.closeTo(PERIOD, 250);
    }
  });

  it('goes to nodes as often as with few masters while a Sentinel is out of touch', () => {
    const installation = aSentinelOf(RAREST_NODE_HELLO * FEW_MASTERS);
    const { stage, node, peers } = installation;
    const [lost] = peers;
    if (lost === undefined) throw new Error('there are peers');
    stage.crash(lost);
    expect(meanPeriod(installation, node)).to.be.closeTo(PERIOD, 250);
  });

  it('goes to nodes at once when a newcomer is heard there', () => {
    const { stage, node } = aSentinelOf(RAREST_NODE_HELLO * FEW_MASTERS);
    stage.advance(PERIOD);
    stage.until(() => stage.published(node, HELLO_CHANNEL).length > 0, RAREST_NODE_HELLO * PERIOD);
    stage.advance(1.25 * PERIOD);
    stage.forget();
    stage.hear(new ScriptedPeer(peerId(3), peerAddress(3), MASTER_ADDRESS).hello());
    expect(stage.published(node, HELLO_CHANNEL)).to.have.length(1);
  });
});
