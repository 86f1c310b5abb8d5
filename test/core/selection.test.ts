// Choosing the replica to promote: every reason to reject one, the order of the others, and what happens when nobody is left.

import { expect } from 'chai';
import type { DataNode } from '../../src/core/data-node.js';
import { DESPERATION } from '../../src/core/limits.js';
import { findUnannouncedPromotion, type Rejection, select } from '../../src/core/selection.js';
import type { InfoReport } from '../../src/protocol/info.js';
import { aGroup, type Group, type GroupOptions, replicaAddress } from './builders.js';
import { HISTORY, idOf } from './scripted-node.js';

function aChoice(options: GroupOptions = {}): Group {
  return aGroup({ peers: 0, replicas: 3, ...options });
}

function node(group: Group, number: number): DataNode {
  const found = group.core.topology.findNode(group.master(), replicaAddress(number));
  if (found === null) throw new Error(`no replica ${number}`);
  return found;
}

/** The replica's last INFO said this instead. */
function reports(group: Group, number: number, changes: Partial<InfoReport>): void {
  const replica = node(group, number);
  if (replica.info === null) throw new Error('no report');
  replica.info = { ...replica.info, ...changes };
}

function chosenHost(group: Group): string | null {
  return select(group.master(), group.now).chosen?.address.host ?? null;
}

function rejections(group: Group): (Rejection | null)[] {
  const { assessments } = select(group.master(), group.now);
  return [1, 2, 3].map((number) => {
    const assessment = assessments.find((each) => each.node === node(group, number));
    if (assessment === undefined) throw new Error(`replica ${number} was not assessed`);
    return assessment.rejection;
  });
}

describe('Replica selection', () => {
  const cases: readonly [Rejection, (group: Group, replica: DataNode) => void][] = [
    ['not connected', (group) => group.disconnect(group.replica(1))],
    ['subjectively down', (group, replica) => (replica.subjectivelyDownSince = group.now)],
    ['no report yet', (_, replica) => (replica.info = null)],
    ['report too old', (group, replica) => (replica.infoAt = group.now - 30_001)],
    [
      'report too old',
      (group, replica) => {
        group.master().node.subjectivelyDownSince = group.now;
        replica.infoAt = group.now - 5_001;
      },
    ],
    ['reports itself as master', (group) => reports(group, 1, { role: 'master' })],
    ['reports itself as master', (group) => reports(group, 1, { role: null })],
    ['priority 0', (group) => reports(group, 1, { priority: 0 })],
    ['not announced', (group) => reports(group, 1, { isAnnounced: false })],
    ['refuses role changes', (_, replica) => (replica.roleCommand = 'refused')],
    [
      'cut off from its master too long',
      (group) => reports(group, 1, { masterLinkUp: false, masterLinkDownFor: 10_001 }),
    ],
    ['unknown replication history', (group) => reports(group, 1, { replicationId: idOf('a stranger') })],
  ];
  for (const [rejection, spoil] of cases) {
    it(`rejects a replica as ${rejection}`, () => {
      const group = aChoice();
      reports(group, 1, { offset: 1_000_000 });
      reports(group, 2, { offset: 2_000 });
      expect(chosenHost(group)).to.equal('10.0.0.2');
      spoil(group, node(group, 1));
      expect(rejections(group)).to.deep.equal([rejection, null, null]);
      expect(chosenHost(group)).to.equal('10.0.0.3');
    });
  }

  const harmless: readonly [string, (group: Group, replica: DataNode) => void][] = [
    ['whose report is five seconds old', (group, replica) => (replica.infoAt = group.now - 5_000)],
    [
      'cut off exactly ten down-afters longer than the best',
      (group) => reports(group, 1, { masterLinkDownFor: 10_000 }),
    ],
    ['that does not say which history it has', (group) => reports(group, 1, { replicationId: '' })],
    [
      'when no history of this master is known',
      (group, replica) => {
        group.master().reigns.length = 0;
        if (replica.info !== null) replica.info = { ...replica.info, replicationId: idOf('a stranger') };
      },
    ],
    [
      'with the history of an earlier reign',
      (group) => {
        group.master().reigns.unshift({ address: replicaAddress(3), replicationId: idOf('before') });
        reports(group, 1, { replicationId: idOf('before') });
      },
    ],
  ];
  for (const [what, change] of harmless) {
    it(`takes a replica ${what}`, () => {
      const group = aChoice();
      reports(group, 1, { offset: 1_000_000 });
      change(group, node(group, 1));
      expect(rejections(group)[0]).to.equal(null);
      expect(chosenHost(group)).to.equal('10.0.0.2');
    });
  }

  it('names nobody when there is nobody, and gives every reason', () => {
    const group = aChoice();
    for (const number of [1, 2, 3]) reports(group, number, { priority: 0 });
    expect(chosenHost(group)).to.equal(null);
    expect(rejections(group)).to.deep.equal(['priority 0', 'priority 0', 'priority 0']);
    expect(select(aChoice({ replicas: 0 }).master(), group.now)).to.deep.equal({
      chosen: null,
      assessments: [],
      isDesperate: false,
    });
  });

  describe('by age', () => {
    it('compares with the youngest cut among the replicas, not with our own count of the outage', () => {
      const group = aChoice();
      reports(group, 1, { masterLinkUp: false, masterLinkDownFor: 500_000 });
      reports(group, 2, { masterLinkUp: false, masterLinkDownFor: 505_000 });
      reports(group, 3, { masterLinkUp: false, masterLinkDownFor: 510_001 });
      expect(rejections(group)).to.deep.equal([null, null, 'cut off from its master too long']);
    });

    it('learns nothing from a replica that does not know how long it has been cut off', () => {
      const group = aChoice();
      reports(group, 1, { masterLinkUp: false, masterLinkDownFor: null, offset: 1 });
      reports(group, 2, { masterLinkUp: false, masterLinkDownFor: 60_000 });
      reports(group, 3, { masterLinkUp: false, masterLinkDownFor: 60_000 });
      expect(rejections(group)).to.deep.equal([null, null, null]);
    });

    it('learns nothing from the last words of a replica that is gone', () => {
      const group = aChoice();
      group.disconnect(group.replica(1));
      reports(group, 2, { masterLinkUp: false, masterLinkDownFor: 60_000 });
      reports(group, 3, { masterLinkUp: false, masterLinkDownFor: 60_000 });
      expect(rejections(group)).to.deep.equal(['not connected', null, null]);
    });
  });

  describe('order', () => {
    it('prefers the smaller priority to the greater offset', () => {
      const group = aChoice();
      reports(group, 1, { priority: 100, offset: 5_000 });
      reports(group, 2, { priority: 10, offset: 1 });
      expect(chosenHost(group)).to.equal('10.0.0.3');
    });

    it('prefers the greater offset to the smaller run id', () => {
      const group = aChoice();
      node(group, 1).runId = '0'.repeat(40);
      reports(group, 3, { offset: 1_001 });
      expect(chosenHost(group)).to.equal('10.0.0.4');
    });

    it('prefers the smaller run id among equals', () => {
      const group = aChoice();
      [1, 2, 3].forEach((number) => {
        node(group, number).runId = `${4 - number}`.repeat(40);
      });
      expect(chosenHost(group)).to.equal('10.0.0.4');
    });

    it('decides by the address when everything else is equal', () => {
      const group = aChoice();
      for (const number of [1, 2, 3]) node(group, number).runId = 'f'.repeat(40);
      expect(chosenHost(group)).to.equal('10.0.0.2');
    });

    it('is total: every arrangement of the same replicas gives the same order', () => {
      const group = aChoice({ replicas: 6 });
      const { replicas } = group.master();
      const nodes = [...replicas.entries()];
      nodes.forEach(([, each], index) => {
        if (each.info === null) throw new Error('no report');
        each.info = { ...each.info, priority: [1, 1, 2, 2, 0, 1][index] ?? 1, offset: [5, 5, 9, 1, 3, 7][index] ?? 0 };
        each.runId = `${index % 2}`.repeat(40);
      });
      const orders = new Set<string>();
      for (let round = 0; round < 40; round++) {
        replicas.clear();
        const from = group.core.random.below(6);
        const arranged = [...nodes.slice(from), ...nodes.slice(0, from)];
        if (group.core.random.below(2) === 1) arranged.reverse();
        for (const [key, each] of arranged) replicas.set(key, each);
        const { assessments } = select(group.master(), group.now);
        orders.add(assessments.map((each) => each.node.address.host).join(' '));
      }
      expect([...orders]).to.deep.equal(['10.0.0.7 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6']);
    });
  });

  describe('in desperation', () => {
    function hopeless(rejected: Partial<InfoReport>): Group {
      const group = aChoice();
      for (const number of [1, 2, 3]) reports(group, number, rejected);
      group.master().objectivelyDownSince = group.now;
      return group;
    }

    it(`gives up the filters of age and history after ${DESPERATION} ms of objectively down, and says so`, () => {
      const group = hopeless({ replicationId: idOf('a stranger') });
      const since = group.now;
      expect(select(group.master(), since + DESPERATION - 1).chosen).to.equal(null);
      for (const number of [1, 2, 3]) node(group, number).infoAt = since + DESPERATION;
      const selection = select(group.master(), since + DESPERATION);
      expect(selection.chosen).not.to.equal(null);
      expect(selection.isDesperate).to.equal(true);
    });

    it('never gives up the other filters', () => {
      const group = hopeless({ priority: 0 });
      for (const number of [1, 2, 3]) node(group, number).infoAt = group.now + DESPERATION;
      expect(select(group.master(), group.now + DESPERATION).chosen).to.equal(null);
    });

    it('does not begin while somebody passes every filter', () => {
      const group = hopeless({ replicationId: idOf('a stranger'), offset: 9_999 });
      reports(group, 3, { replicationId: HISTORY, offset: 1 });
      for (const number of [1, 2, 3]) node(group, number).infoAt = group.now + DESPERATION;
      const selection = select(group.master(), group.now + DESPERATION);
      expect(selection.chosen?.address.host).to.equal('10.0.0.4');
      expect(selection.isDesperate).to.equal(false);
    });

    it('does not begin for a master that is not objectively down', () => {
      const group = hopeless({ replicationId: idOf('a stranger') });
      group.master().objectivelyDownSince = null;
      for (const number of [1, 2, 3]) node(group, number).infoAt = group.now + DESPERATION;
      expect(select(group.master(), group.now + DESPERATION).chosen).to.equal(null);
    });
  });
});

describe('Unannounced promotion', () => {
  function promoted(changes: Partial<InfoReport> = {}): Group {
    const group = aChoice();
    reports(group, 2, {
      role: 'master',
      replicationId: idOf('new reign'),
      secondReplicationId: HISTORY,
      ...changes,
    });
    return group;
  }

  it("is a replica that says it is a master and has our master's history behind it", () => {
    const group = promoted();
    expect(findUnannouncedPromotion(group.master(), 0)).to.equal(node(group, 2));
  });

  it('is none where every replica says it is one', () => {
    expect(findUnannouncedPromotion(aChoice().master(), 0)).to.equal(null);
  });

  it('is not a master with a history of its own', () => {
    expect(findUnannouncedPromotion(promoted({ secondReplicationId: idOf('a stranger') }).master(), 0)).to.equal(null);
    expect(findUnannouncedPromotion(promoted({ secondReplicationId: '' }).master(), 0)).to.equal(null);
  });

  it('is not a former master that came back unchanged', () => {
    expect(findUnannouncedPromotion(promoted({ replicationId: HISTORY }).master(), 0)).to.equal(null);
  });

  it('is not a node that cannot be reached', () => {
    const cutOff = promoted();
    cutOff.disconnect(cutOff.replica(2));
    expect(findUnannouncedPromotion(cutOff.master(), 0)).to.equal(null);
    const down = promoted();
    node(down, 2).subjectivelyDownSince = down.now;
    expect(findUnannouncedPromotion(down.master(), 0)).to.equal(null);
  });

  it('is any node that is master, when nobody else has been eligible for five seconds', () => {
    const group = promoted({ secondReplicationId: idOf('a stranger') });
    for (const replica of group.master().replicas.values())
      if (replica !== node(group, 2)) replica.roleCommand = 'refused';
    group.master().objectivelyDownSince = group.now - 4_999;
    expect(findUnannouncedPromotion(group.master(), group.now)).to.equal(null);
    group.master().objectivelyDownSince = group.now - 5_000;
    expect(findUnannouncedPromotion(group.master(), group.now)).to.equal(node(group, 2));
  });
});
