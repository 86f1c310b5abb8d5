// Known wrong changes to what is said and heard in bulk: one master's message waits for its own save only, and a hello that repeats
// itself is recognised unread. Both save work where there are many masters, and both must save nothing else.

import { type Mutation, SEEDS, tests } from './mutation.js';

export const SPEECH: readonly Mutation[] = [
  {
    name: 'lets no master wait for what is its own',
    file: 'core/core.ts',
    text: 'master.spokenVersion = this.durability.version;',
    replacement: '',
    killer: SEEDS,
  },
  {
    name: 'says who it is before the disk has it',
    file: 'core/core.ts',
    text: 'return this.isIdentitySaved && this.durability.saved >= master.spokenVersion;',
    replacement: 'return this.durability.saved >= master.spokenVersion;',
    killer: tests('core/durability', 'tells nobody who it is'),
  },
  {
    name: 'forgets who waits for the disk',
    file: 'core/core.ts',
    text: 'this.waitingToSpeak.add(master);',
    replacement: '',
    killer: tests('core/durability', 'speaks in the very step'),
  },
  {
    name: 'takes an epoch for saved that came during the save',
    file: 'core/sentinel.ts',
    text: 'core.savedEpoch = this.#epochBeingSaved;',
    replacement: 'core.savedEpoch = core.currentEpoch;',
    killer: tests('core/durability', 'an epoch that came while'),
  },
  {
    name: 'asks about one master with the unsaved epoch of another',
    file: 'core/speech.ts',
    text: 'const epoch = candidacy?.epoch ?? core.savedEpoch;',
    replacement: 'const epoch = candidacy?.epoch ?? core.currentEpoch;',
    killer: tests('core/durability', 'asks about other masters'),
  },
  {
    name: 'changes roles before the disk has the configuration',
    file: 'core/role-change.ts',
    text: "node.roleCommand !== 'unknown' && core.canSpeakOf(master);",
    replacement: "node.roleCommand !== 'unknown';",
    killer: SEEDS,
  },
  {
    name: 'hears a claim to a newer configuration once only',
    file: 'core/hello.ts',
    text: 'if (announced === null || announced.epoch > master.configEpoch ||',
    replacement: 'if (announced === null ||',
    killer: tests('core/gossip', 'that claims a newer configuration'),
  },
  {
    name: 'recognises a hello, and takes its sender for silent',
    file: 'core/hello.ts',
    text: '  peer.lastHelloAt = now;\n  if (epoch <=',
    replacement: '  if (epoch <=',
    killer: tests('core/gossip', 'that repeats the last one of its sender'),
  },
  {
    name: 'recognises a hello, and its new epoch not',
    file: 'core/hello.ts',
    text: 'if (epoch <= core.currentEpoch) return null;',
    replacement: 'if (epoch <= core.currentEpoch || epoch > 0) return null;',
    killer: tests('core/gossip', 'that repeats the last one but for the epoch'),
  },
  {
    name: 'recognises a hello, and believes any epoch',
    file: 'core/hello.ts',
    text: '  believeEpoch(core, master, epoch, now);\n  master.wakeAt = now;',
    replacement: '  core.currentEpoch = epoch;\n  master.wakeAt = now;',
    killer: tests('core/gossip', 'out of all proportion'),
  },
  {
    name: 'hears a repeated verdict even when it contradicts the answer',
    file: 'core/vote.ts',
    text: 'if (!isNews && !isFirst',
    replacement: 'if (!isFirst',
    killer: tests('core/gossip', 'makes us ask its sender again'),
  },
  {
    name: 'tells nodes less of us though a Sentinel is out of touch',
    file: 'core/speech.ts',
    text: 'if (!looksAlive(peer)) return false;\n  return true;',
    replacement: 'if (peer === null) return false;\n  return true;',
    killer: tests('core/speech', 'while a Sentinel is out of touch'),
  },
  {
    name: 'tells nodes less of us though a newcomer is heard there',
    file: 'core/speech.ts',
    text: 'master.newcomers.size > 0 || ',
    replacement: '',
    killer: tests('core/speech', 'when a newcomer is heard'),
  },
  {
    name: 'recognises the hello of a Sentinel that says it has moved',
    file: 'core/hello.ts',
    text: "addressKey(peer.address) === addressKey(hello) ? (gist?.rest ?? '') : ''",
    replacement: "gist?.rest ?? ''",
    killer: tests('core/gossip', 'is switched although its new place was announced while the old one answered'),
  },
  {
    name: 'recognises the hello of a Sentinel that was forgotten',
    file: 'core/topology.ts',
    text: "this.rememberHello(master, peer, '');",
    replacement: '',
    killer: tests('core/forget', 'is met again by the very hello'),
  },
  {
    name: 'recognises what a Sentinel said before its last hello',
    file: 'core/topology.ts',
    text: 'if (this.#senderByHello.get(peer.lastHello)?.peer === peer) this.#senderByHello.delete(peer.lastHello);',
    replacement: '',
    killer: tests('core/gossip', 'that repeats an earlier one'),
  },
];
