// Known wrong changes to what is concluded from the names of hosts: one node taken for two, two for one, or for ever for what it was.

import { type Mutation, tests } from './mutation.js';

export const NAMES: readonly Mutation[] = [
  {
    name: 'concludes from a name before it was looked up',
    file: 'core/names.ts',
    text: 'return heard.isAnswered;',
    replacement: 'return true;',
    killer: tests('core/host-names', 'Another name of a node that is known by its address'),
  },
  {
    name: 'looks a name up once, and believes the answer for ever',
    file: 'core/names.ts',
    text: 'if (now >= heard.askedAt + NAME_LOOKUP_PERIOD) {',
    replacement: 'if (heard.askedAt < 0) {',
    killer: tests('core/host-names', 'is asked for again after a while'),
  },
  {
    name: 'looks a name up whenever somebody uses it',
    file: 'core/names.ts',
    text: 'if (now >= heard.askedAt + NAME_LOOKUP_PERIOD) {',
    replacement: 'if (now >= heard.askedAt) {',
    killer: tests('core/host-names', 'is looked up once in a while'),
  },
  {
    name: 'remembers every name that anybody ever used',
    file: 'core/names.ts',
    text: 'if (namesHeard.size >= MAX_NAMES_HEARD && oldest !== undefined) namesHeard.delete(oldest);',
    replacement: '',
    killer: tests('core/host-names', 'Names that somebody invents'),
  },
  {
    name: 'keeps the first address of a name',
    file: 'core/names.ts',
    text: 'const isNewIp = ip !== null && topology.ipOf(host) !== ip;',
    replacement: 'const isNewIp = ip !== null && !topology.hasIp(host);',
    killer: tests('core/host-names', 'is asked for again after a while'),
  },
  {
    name: 'takes two nodes with one run id for one, wherever they are',
    file: 'core/twins.ts',
    text: "return one.runId !== '' && one.runId === other.runId && core.topology.isSame(one.address, other.address);",
    replacement: "return one.runId !== '' && one.runId === other.runId;",
    killer: tests('core/host-names', 'are two while their addresses differ'),
  },
  {
    name: 'takes two names of one address for one node, unasked',
    file: 'core/twins.ts',
    text: 'else if (areTwins(core, twin, node)) {',
    replacement: 'else if (core.topology.isSame(twin.address, node.address)) {',
    killer: tests('core/host-names', 'are two while one has reported nothing'),
  },
  {
    name: 'forgets the master in favour of a replica with a name',
    file: 'core/twins.ts',
    text: 'const isWorse = twin !== master.node && isIpAddress',
    replacement: 'const isWorse = isIpAddress',
    killer: tests('core/host-names', 'stays the master'),
  },
  {
    name: 'forgets one of two names in the middle of a failover',
    file: 'core/twins.ts',
    text: 'if (master.failover !== null) return;',
    replacement: '',
    killer: tests('core/host-names', 'stay two as long as a failover'),
  },
  {
    name: 'tells a node to follow itself under another name',
    file: 'core/role-change.ts',
    text: 'if (target !== null && areTwins(core, node, master.node)) return false;',
    replacement: '',
    killer: tests('core/host-names', 'is never told to follow itself'),
  },
];
