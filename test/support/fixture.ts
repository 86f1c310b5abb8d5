// Binds a group to the life of one mocha test: started before it, examined and ended after it, and explained on standard
// error when it failed.

import { expect } from 'chai';

import { Group, type GroupOptions } from './group.js';

/** Starts a fresh group before each test of the enclosing suite. Call the returned function to get it. */
export function groupForEachTest(options: GroupOptions = {}): () => Group {
  let group: Group | null = null;

  beforeEach('start a group', async () => {
    group = await Group.start(options);
  });

  afterEach('end the group', async function () {
    const ending = group;
    group = null;
    if (ending === null) return;
    try {
      if (this.currentTest?.state === 'failed') explain(this.currentTest.fullTitle(), ending);
      else expectSilence(ending);
    } finally {
      await ending.dispose();
    }
  });

  return () => {
    if (group === null) throw new Error('the group exists only while a test runs');
    return group;
  };
}

/** Fails unless every Vedette of the group has kept standard error empty: one byte there is a defect. */
function expectSilence(group: Group): void {
  for (const { name, stderr } of group.supervisors) expect(stderr, `standard error of ${name}`).to.equal('');
}

function explain(title: string, group: Group): void {
  process.stderr.write(`\n──── ${title} ────\n${group.report()}\n────\n`);
}
