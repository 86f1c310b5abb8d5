// Binds a group to the life of one mocha test: started before it, examined and ended after it, and explained on standard
// error when it failed.

import { config, expect } from 'chai';

import { Group, type GroupOptions } from './group.js';
import { expectModestMemory } from './invariants.js';

// What was observed is shown whole: it is often all that is left of a failure.
config.truncateThreshold = 0;

/**
 * Starts a fresh group before each test of the enclosing suite. Call the returned function to get it. Options that
 * depend on what a `before` hook made are given as a function.
 */
export function groupForEachTest(options: GroupOptions | (() => GroupOptions) = {}): () => Group {
  let group: Group | null = null;

  beforeEach('start a group', async () => {
    group = await Group.start(typeof options === 'function' ? options() : options);
  });

  afterEach('end the group', async function () {
    const ending = group;
    group = null;
    if (ending === null) return;
    if (this.currentTest?.state === 'failed') explain(this.currentTest.fullTitle(), ending);
    const outputs = ending.supervisors.map(({ name, stderr }) => ({ name, stderr }));
    await ending.dispose();
    // Every supervisor must keep standard error empty: one byte there is a defect.
    for (const { name, stderr } of outputs) expect(stderr, `standard error of ${name}`).to.equal('');
    expectModestMemory(ending.supervisors);
  });

  return () => {
    if (group === null) throw new Error('the group exists only while a test runs');
    return group;
  };
}

function explain(title: string, group: Group): void {
  process.stderr.write(`\n──── ${title} ────\n${group.report()}\n────\n`);
}
