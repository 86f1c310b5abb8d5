// The disk as a party that answers: what is saved when, what must wait for it, and who is told meanwhile.

import { expect } from 'chai';
import { applySettings } from '../../src/core/administration.js';
import { Durability } from '../../src/core/durability.js';
import { adoptEpoch, castVote, nextEpoch, touch } from '../../src/core/durable.js';
import { CASUAL_SAVE_PERIOD, SAVE_RETRY } from '../../src/core/limits.js';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import { aGroup, aMaster, aSentinel, type Group, MASTER_ADDRESS, peerAddress, peerId } from './builders.js';
import { ScriptedPeer } from './scripted-peer.js';
import type { Stage } from './stage.js';

describe('Durability', () => {
  it('has nothing to save at first', () => {
    const durability = new Durability();
    expect(durability.begin(0)).to.equal(null);
    expect(durability.canSpeak).to.equal(true);
    expect(durability.dueAt).to.equal(Number.POSITIVE_INFINITY);
  });

  it('keeps one save in flight and gathers what changes meanwhile into the next', () => {
    const durability = new Durability();
    durability.touchBeforeSpeaking();
    expect(durability.begin(0)).to.equal(1);
    durability.touchBeforeSpeaking();
    durability.touchBeforeSpeaking();
    expect(durability.begin(1)).to.equal(null);
    durability.succeeded(1, 0);
    expect(durability.canSpeak).to.equal(false);
    expect(durability.begin(2)).to.equal(3);
    durability.succeeded(3, 0);
    expect(durability.canSpeak).to.equal(true);
    expect(durability.saves).to.equal(2);
  });

  it('lets a change that nobody acts upon be spoken of before it is saved', () => {
    const durability = new Durability();
    durability.touch();
    expect(durability.canSpeak).to.equal(true);
    expect(durability.isDirty).to.equal(true);
  });

  it('saves casual changes at most once a period, urgent ones at once', () => {
    const durability = new Durability();
    durability.touch();
    expect(durability.begin(0)).to.equal(1);
    durability.succeeded(1, 0);
    durability.touch();
    expect(durability.begin(CASUAL_SAVE_PERIOD - 1)).to.equal(null);
    expect(durability.dueAt).to.equal(CASUAL_SAVE_PERIOD);
    durability.touchBeforeSpeaking();
    expect(durability.begin(CASUAL_SAVE_PERIOD - 1)).to.equal(3);
  });

  it('saves a casual change at once when a client waits for it', () => {
    const durability = new Durability();
    durability.touch();
    durability.begin(0);
    durability.succeeded(1, 0);
    durability.touch();
    durability.hasten(2);
    expect(durability.begin(1)).to.equal(2);
  });

  it('does not hurry for a client that waits for what is being saved already', () => {
    const durability = new Durability();
    durability.touch();
    durability.begin(0);
    durability.touch();
    durability.hasten(1);
    durability.succeeded(1, 5);
    expect(durability.dueAt).to.equal(CASUAL_SAVE_PERIOD);
  });

  it('retries a failed save after a while, urgent or not, and counts the failures in a row', () => {
    const durability = new Durability();
    durability.touchBeforeSpeaking();
    durability.begin(0);
    durability.failed(1, 'no space left', 10);
    expect(durability.failure).to.equal('no space left');
    expect(durability.begin(10 + SAVE_RETRY - 1)).to.equal(null);
    expect(durability.begin(10 + SAVE_RETRY)).to.equal(1);
    durability.failed(1, 'no space left', 600);
    expect(durability.consecutiveFailures).to.equal(2);
    durability.begin(600 + SAVE_RETRY);
    durability.succeeded(1, 0);
    expect(durability.failure).to.equal(null);
    expect(durability.consecutiveFailures).to.equal(0);
  });

  it('ignores an answer about a save that is not in flight', () => {
    const durability = new Durability();
    durability.touchBeforeSpeaking();
    durability.succeeded(1, 0);
    expect(durability.canSpeak).to.equal(false);
    durability.begin(0);
    durability.succeeded(1, 0);
    durability.failed(1, 'late', 5);
    expect(durability.failure).to.equal(null);
  });
});

describe('Saving before speaking', () => {
  function aVoteOnAHeldDisk(): Group {
    const group = aGroup();
    group.disk = 'held';
    group.command((core, now) => castVote(core, group.master(), peerId(1), 2, now));
    return group;
  }

  function told(group: Group): number {
    const all = [group.first, ...group.replicas, ...group.peers];
    return all.reduce((count, party) => count + group.sentTo(party, 'publish').length, 0);
  }

  it('holds hellos, votes and questions until the disk has the epoch they mention', () => {
    const group = aVoteOnAHeldDisk();
    group.crash(group.first);
    group.advance(5_000);
    expect(told(group)).to.equal(0);
    expect(group.sentTo(group.peer(1), 'ask-master-down')).to.deep.equal([]);
    expect(group.messages('+sdown')).to.include('master mymaster 10.0.0.1 6379');
  });

  /** Of two masters, `one` has voted in the new epoch 5 and waits for the disk; both are watched by the same two Sentinels. */
  function twoMastersOnAHeldDisk(): Stage {
    const names = ['one', 'two'];
    const peers = [{ runId: peerId(1), address: peerAddress(1) }];
    const stage = aSentinel({ currentEpoch: 4, masters: names.map((name) => aMaster({ name, peers })) });
    stage.add(new ScriptedPeer(peerId(1), peerAddress(1), MASTER_ADDRESS));
    stage.advance(5_000);
    stage.forget();
    stage.disk = 'held';
    stage.command((core, now) =>
      castVote(core, stage.master('one'), peerId(1), nextEpoch(core, stage.master('one'), now), now),
    );
    return stage;
  }

  /** Master and epoch of each hello. */
  function greetings(stage: Stage): Set<string> {
    const hellos = stage.published({ address: peerAddress(1) }, HELLO_CHANNEL).map((payload) => payload.split(','));
    return new Set(hellos.map(([, , , epoch, name]) => `${name} ${epoch}`));
  }

  it('goes on speaking of other masters, in the epoch that the disk has', () => {
    const stage = twoMastersOnAHeldDisk();
    stage.advance(5_000);

    expect(stage.core.currentEpoch).to.equal(5);
    expect(stage.published({ address: peerAddress(1) }, HELLO_CHANNEL).length).to.be.at.least(2);
    expect(greetings(stage)).to.deep.equal(new Set(['two 4']));
  });

  it('asks about other masters in the epoch that the disk has', () => {
    const stage = twoMastersOnAHeldDisk();
    stage.advance(5_000);

    const questions = stage.sentTo({ address: peerAddress(1) }, 'ask-master-down').map(({ request }) => request);
    expect(questions.length).to.be.at.least(4);
    expect(new Set(questions.map(({ commands }) => commands[0]?.[4]))).to.deep.equal(new Set(['4']));
  });

  it('does not tell an epoch that came while the disk was writing an earlier one', () => {
    const stage = twoMastersOnAHeldDisk();
    stage.command((core, now) => adoptEpoch(core, stage.master('one'), 9, now));
    stage.answerSave();
    stage.advance(5_000);

    expect(greetings(stage)).to.deep.equal(new Set(['two 5']));
    stage.answerSave();
    stage.forget();
    stage.advance(5_000);
    expect(greetings(stage)).to.deep.equal(new Set(['one 9', 'two 9']));
  });

  it('tells nobody who it is before the disk has that', () => {
    const peers = [{ runId: peerId(1), address: peerAddress(1) }];
    const stage = aSentinel({ myId: null, masters: [aMaster({ peers })] });
    stage.disk = 'held';
    stage.add(new ScriptedPeer(peerId(1), peerAddress(1), MASTER_ADDRESS));
    stage.tick();
    stage.advance(5_000);
    expect(stage.sentTo({ address: peerAddress(1) }, 'ping').length).to.be.at.least(4);
    expect(stage.sentTo({ address: peerAddress(1) }, 'publish')).to.deep.equal([]);
    stage.answerSave();
    expect(stage.sentTo({ address: peerAddress(1) }, 'publish')).not.to.deep.equal([]);
  });

  it('saves an epoch that it has only heard of, and tells it from then on', () => {
    const group = aGroup();
    const hellos = () => group.published(group.first, HELLO_CHANNEL).map((payload) => Number(payload.split(',')[3]));
    group.disk = 'held';
    group.command((core, now) => adoptEpoch(core, group.master(), 7, now));
    expect(group.effects('save').length).to.equal(1);
    group.advance(5_000);
    expect(hellos()).to.deep.equal([]);
    group.answerSave();
    group.advance(5_000);
    expect(hellos().length).to.be.at.least(2);
    expect(new Set(hellos())).to.deep.equal(new Set([7]));
  });

  it('holds neither PING nor INFO', () => {
    const group = aVoteOnAHeldDisk();
    group.advance(15_000);
    expect(group.sentTo(group.replica(1), 'ping').length).to.be.at.least(70);
    expect(group.sentTo(group.replica(1), 'info').length).to.be.at.least(1);
    expect(group.sentTo(group.peer(1), 'ping').length).to.be.at.least(70);
  });

  it('queues nothing: whoever waited is told once, and what is true then', () => {
    const group = aVoteOnAHeldDisk();
    group.advance(60_000);
    group.command((core) => {
      core.settings.announcePort = 4_444;
      touch(core);
    });
    group.answerSave();
    for (const party of [group.first, ...group.replicas, ...group.peers]) {
      expect(group.published(party, HELLO_CHANNEL).length).to.equal(1);
      expect(group.published(party, HELLO_CHANNEL)[0]).to.match(/^10\.0\.0\.100,4444,[0-9a-f]{40},\d+,mymaster,/);
    }
  });

  it('speaks in the very step in which the disk answers', () => {
    const group = aVoteOnAHeldDisk();
    group.advance(3_000);
    group.forget();
    group.answerSave();
    expect(group.log.filter(({ at }) => at !== group.now)).to.deep.equal([]);
    expect(told(group)).to.be.greaterThan(0);
  });

  it('goes on holding while saves fail, retries, says so once, and speaks after the one that succeeds', () => {
    const group = aGroup();
    group.disk = { failure: 'ENOSPC' };
    group.command((core, now) => castVote(core, group.master(), peerId(1), 2, now));
    group.advance(5_000);
    expect(told(group)).to.equal(0);
    expect(group.messages('+save-failed')).to.deep.equal(['ENOSPC']);
    expect(group.effects('save').length).to.be.within(5_000 / (SAVE_RETRY + 1) - 1, 5_000 / SAVE_RETRY + 1);
    group.disk = 'working';
    group.advance(SAVE_RETRY + 5);
    expect(told(group)).to.equal(5);
  });

  it('says again that saves fail when they had succeeded in between', () => {
    const group = aGroup();
    for (const epoch of [2, 3]) {
      group.disk = { failure: `failure ${epoch}` };
      group.command((core, now) => castVote(core, group.master(), peerId(1), epoch, now));
      group.advance(5);
      group.disk = 'working';
      group.advance(1_000);
    }
    expect(group.messages('+save-failed')).to.deep.equal(['failure 2', 'failure 3']);
  });

  it('does not hold anything for settings, which nobody else acts upon', () => {
    const group = aGroup();
    group.disk = 'held';
    group.command((core, now) => applySettings(core, group.master(), new Set(['downAfter']), now));
    group.advance(2_500);
    expect(group.effects('save').length).to.equal(1);
    expect(told(group)).to.be.at.least(5);
  });
});
