// The documentation's section "Pub/Sub messages": the payload of every event, byte for byte, because clients parse them.
//
// `<instance details>` is `<type> <name> <ip> <port> @ <master> <ip> <port>`; a master's own has no part behind the `@`.

import { expect } from 'chai';
import { removeMaster, resetMaster } from '../../src/core/administration.js';
import { aDesk } from '../commands/desk.js';
import {
  aGroup,
  aMaster,
  aSentinel,
  type Group,
  MASTER_ADDRESS,
  MY_ID,
  peerAddress,
  peerId,
  replicaAddress,
} from '../core/builders.js';
import { idOf } from '../core/scripted-node.js';
import { ScriptedPeer } from '../core/scripted-peer.js';

const MASTER = 'master mymaster 10.0.0.1 6379';
const REPLICA = 'slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379';
const PEER = `sentinel ${peerId(1)} 10.0.1.1 26379 @ mymaster 10.0.0.1 6379`;

interface Case {
  readonly type: string;
  /** The payload of the first such event. */
  readonly payload: string;
  provoke(group: Group): void;
}

function failOver(group: Group): void {
  group.killMaster();
  group.advance(6_000);
}

/** It is there, says so, and is asked who it is. */
function announce(group: Group, peer: ScriptedPeer): void {
  group.add(peer);
  group.hear(peer.hello());
  group.advance(300);
}

const cases: readonly Case[] = [
  {
    type: '+reset-master',
    payload: MASTER,
    provoke: (group) => group.command((core, now) => resetMaster(core, group.master(), now)),
  },
  {
    type: '+slave',
    payload: 'slave 10.0.0.66:6380 10.0.0.66 6380 @ mymaster 10.0.0.1 6379',
    provoke(group) {
      group.first.script.replicas = [{ host: '10.0.0.66', port: 6380 }];
      group.advance(11_000);
    },
  },
  { type: '+failover-state-reconf-slaves', payload: MASTER, provoke: failOver },
  {
    type: '+slave-reconf-sent',
    payload: 'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379',
    provoke: failOver,
  },
  {
    type: '+slave-reconf-inprog',
    payload: 'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379',
    provoke: failOver,
  },
  {
    type: '+slave-reconf-done',
    payload: 'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379',
    provoke: failOver,
  },
  {
    type: '+sentinel',
    payload: `sentinel ${peerId(7)} 10.0.1.7 26379 @ mymaster 10.0.0.1 6379`,
    provoke: (group) => announce(group, new ScriptedPeer(peerId(7), peerAddress(7), MASTER_ADDRESS)),
  },
  {
    type: '+sentinel-address-switch',
    payload: `${MASTER} ip 10.0.1.9 port 26379 for ${peerId(1)}`,
    provoke(group) {
      group.crash(group.peer(1));
      announce(group, new ScriptedPeer(peerId(1), peerAddress(9), MASTER_ADDRESS));
    },
  },
  {
    type: '+sentinel-invalid-addr',
    payload: `sentinel ${peerId(9)} 10.0.1.9 26379 @ mymaster 10.0.0.1 6379`,
    provoke(group) {
      const former = new ScriptedPeer(peerId(9), peerAddress(9), MASTER_ADDRESS);
      announce(group, former);
      group.crash(former);
      announce(group, new ScriptedPeer(peerId(8), peerAddress(9), MASTER_ADDRESS));
    },
  },
  { type: '+sdown', payload: MASTER, provoke: failOver },
  {
    type: '+sdown',
    payload: REPLICA,
    provoke(group) {
      group.crash(group.replica(1));
      group.advance(2_000);
    },
  },
  {
    type: '+sdown',
    payload: PEER,
    provoke(group) {
      group.crash(group.peer(1));
      group.advance(2_000);
    },
  },
  {
    type: '-sdown',
    payload: PEER,
    provoke(group) {
      group.crash(group.peer(1));
      group.advance(2_000);
      group.revive(group.peer(1));
      group.advance(1_000);
    },
  },
  { type: '+odown', payload: `${MASTER} #quorum 2/2`, provoke: failOver },
  {
    type: '-odown',
    payload: MASTER,
    provoke(group) {
      for (const peer of group.peers) peer.script.votesFor = 'nobody';
      group.killMaster();
      group.advance(1_500);
      group.revive(group.first);
      group.advance(1_000);
    },
  },
  { type: '+new-epoch', payload: '2', provoke: failOver },
  { type: '+try-failover', payload: MASTER, provoke: failOver },
  { type: '+vote-for-leader', payload: `${MY_ID} 2`, provoke: failOver },
  { type: '+elected-leader', payload: MASTER, provoke: failOver },
  { type: '+failover-state-select-slave', payload: MASTER, provoke: failOver },
  { type: '+selected-slave', payload: REPLICA, provoke: failOver },
  { type: '+failover-state-send-slaveof-noone', payload: REPLICA, provoke: failOver },
  { type: '+failover-state-wait-promotion', payload: REPLICA, provoke: failOver },
  { type: '-role-change', payload: `${REPLICA} new reported role is master`, provoke: failOver },
  { type: '+promoted-slave', payload: REPLICA, provoke: failOver },
  { type: '+switch-master', payload: 'mymaster 10.0.0.1 6379 10.0.0.2 6379', provoke: failOver },
  {
    type: '+failover-end',
    payload: 'master mymaster 10.0.0.2 6379',
    provoke: failOver,
  },
  {
    type: '+failover-end-for-timeout',
    payload: 'master mymaster 10.0.0.2 6379',
    provoke(group) {
      group.replica(2).script.syncsAtOnce = false;
      failOver(group);
      group.advance(10_000);
    },
  },
  {
    type: '-failover-abort-not-elected',
    payload: MASTER,
    provoke(group) {
      for (const peer of group.peers) peer.script.votesFor = 'nobody';
      failOver(group);
    },
  },
  {
    type: '-failover-abort-slave-timeout',
    payload: MASTER,
    provoke(group) {
      for (const replica of group.replicas) replica.script.isObedient = false;
      failOver(group);
    },
  },
  {
    type: '-failover-abort-no-good-slave',
    payload: MASTER,
    provoke(group) {
      group.killMaster();
      group.untilEvent('+odown', 2_000);
      for (const replica of group.replicas) group.hang(replica);
      group.untilEvent('+elected-leader', 1_000);
      for (const replica of group.replicas) group.crash(replica);
      group.advance(1_000);
    },
  },
  {
    type: '-slave-reconf-sent-timeout',
    payload: 'slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379',
    provoke(group) {
      group.replica(1).script.offset = 9_000;
      group.replica(2).script.isObedient = false;
      group.master().settings.failoverTimeout = 60_000;
      failOver(group);
      group.advance(10_000);
    },
  },
  {
    type: '+config-update-from',
    payload: PEER,
    provoke: (group) => group.learn(1, { epoch: 4, address: replicaAddress(2) }),
  },
  {
    type: '+reboot',
    payload: REPLICA,
    provoke(group) {
      group.replica(1).script.runId = idOf('another run');
      group.advance(11_000);
    },
  },
  { type: '+tilt', payload: '#tilt mode entered', provoke: (group) => group.stall(3_000) },
  {
    type: '-tilt',
    payload: '#tilt mode exited',
    provoke(group) {
      group.stall(3_000);
      group.advance(1_500);
    },
  },
  {
    type: '-monitor',
    payload: MASTER,
    provoke: (group) => group.command((core, now) => removeMaster(core, group.master(), now)),
  },
];

describe('Pub/Sub messages', () => {
  for (const { type, payload, provoke } of cases) {
    it(`are ${type} ${payload.replaceAll(/[0-9a-f]{40}/g, '<run id>')}`, () => {
      const group = aGroup();
      provoke(group);
      expect(group.messages(type)[0]).to.equal(payload);
    });
  }

  it('announce every monitored master at the start and at MONITOR, with its quorum', () => {
    const stage = aSentinel({ masters: [aMaster({ quorum: 3 })] });
    stage.advance(1);
    expect(stage.messages('+monitor')).to.deep.equal([`${MASTER} quorum 3`]);
    const desk = aDesk();
    desk.ask('SENTINEL', 'MONITOR', 'other', '10.0.7.1', 7000, 2);
    expect(desk.group.messages('+monitor')).to.deep.equal(['master other 10.0.7.1 7000 quorum 2']);
  });

  it('tell a setting that was changed, one event each', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 1, 'down-after-milliseconds', 5000);
    expect(desk.group.messages('+set')).to.deep.equal([`${MASTER} quorum 1`, `${MASTER} down-after-milliseconds 5000`]);
  });

  it('write an IPv6 replica in brackets in its name, and bare as its address', () => {
    const group = aGroup();
    group.first.script.replicas = [{ host: 'fd00::5', port: 6379 }];
    group.advance(11_000);
    expect(group.messages('+slave')).to.deep.equal(['slave [fd00::5]:6379 fd00::5 6379 @ mymaster 10.0.0.1 6379']);
  });

  it('write names byte for byte, whatever is in them', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'MONITOR', 'k\xe4se', '10.0.7.1', 7000, 2);
    expect(desk.group.messages('+monitor')).to.deep.equal(['master k\xe4se 10.0.7.1 7000 quorum 2']);
  });

  it('are none of them mere debugging events, which would be logged and not published', () => {
    for (const { type, provoke } of cases) {
      const group = aGroup();
      provoke(group);
      for (const { level } of group.events(type)) expect(level).not.to.equal('debug');
    }
  });
});
