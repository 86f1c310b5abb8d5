// What the scripts say to who asks how they are used. They must say it at once, and do nothing else.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const SCRIPTS = fileURLToPath(new URL('../../../scripts', import.meta.url));

describe('A script that is asked for help', () => {
  for (const name of ['demo', 'peer-suite']) {
    it(`says how it is used and ends well: ${name}`, () => {
      for (const words of [['--help'], ['-h'], ['--keep', '--help']]) {
        const text = execFileSync(`${SCRIPTS}/${name}`, words, { encoding: 'utf8' });

        expect(text).to.contain(`usage: scripts/${name} [`).and.to.contain('--keep ');
      }
    });
  }
});
