// The manual and the example say what the code does: a directive that is added, renamed or given another default without
// its line in docs/configuration.md fails here.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PRESERVED_DIRECTIVES, SENTINEL_DIRECTIVES } from '../../src/config/directives.js';
import { parseConfiguration } from '../../src/config/parser.js';
import { SERVER_DIRECTIVES } from '../../src/config/server-directives.js';
import { defaultServerSettings } from '../../src/config/server-settings.js';

const MANUAL = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
const EXAMPLE = readFileSync(new URL('../../../sentinel.conf.example', import.meta.url), 'latin1');
const NONE = '–';

/** The rows of the section's tables, as cells without back quotes. */
function rowsOf(section: string): string[][] {
  const [, text] = MANUAL.split(`## ${section}\n`);
  const [body] = (text ?? '').split('\n## ');
  return (body ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replaceAll('\\|', '¦').split('|').slice(1, -1).map(plain));
}

function plain(cell: string): string {
  return cell.trim().replaceAll('`', '').replaceAll('¦', '|');
}

describe('the manual of the configuration', () => {
  it('has a row with values and default for every directive of Sentinel, and for no other', () => {
    const rows = rowsOf('Directives of Sentinel').map(([names, values, fallback]) => [names, values, fallback]);
    const expected = SENTINEL_DIRECTIVES.map(({ name, aliases, parameters, fallback }) => [
      [name, ...aliases].join(' or '),
      parameters,
      fallback ?? NONE,
    ]);
    expect(rows).to.have.deep.members(expected);
  });

  it('has a row for every honoured directive of the server, and for no other', () => {
    const names = rowsOf('Directives of the server').map(([name]) => name);
    expect(names).to.have.members(SERVER_DIRECTIVES.map(({ name }) => name));
  });

  it('names the defaults of the server that hold', () => {
    const defaults = defaultServerSettings();
    for (const [name = '', fallback = ''] of rowsOf('Directives of the server')) {
      const writesDefault = SERVER_DIRECTIVES.some((one) => one.name === name && one.write(defaults).length > 0);
      expect(fallback !== NONE, name).to.equal(writesDefault || name === 'bind');
      if (fallback !== NONE) expect(parseConfiguration(`${name} ${fallback}`).server, name).to.deep.equal(defaults);
    }
  });

  it('says of every directive whether it is honoured', () => {
    for (const row of [...rowsOf('Directives of Sentinel'), ...rowsOf('Directives of the server')]) {
      expect(row.at(-1), row[0]).to.be.oneOf(['yes', 'no']);
    }
  });

  it('lists every directive that is merely kept, and no other', () => {
    const [, section] = MANUAL.split('### Accepted and kept\n');
    const [, list] = (section ?? '').split('\n```\n');
    expect((list ?? '').split(/\s+/)).to.have.members([...PRESERVED_DIRECTIVES.keys()]);
  });
});

describe('the example configuration', () => {
  it('is accepted as it is and supervises one master', () => {
    const { state, ignoredFacts } = parseConfiguration(EXAMPLE);
    expect(state.masters.map(({ name }) => name)).to.deep.equal(['mymaster']);
    expect(ignoredFacts).to.equal(0);
  });

  it('is accepted with all of its examples enabled, and shows every directive that operators write', () => {
    const enabled = EXAMPLE.replace(/^#(?=[a-z])/gm, '');
    parseConfiguration(enabled);
    const own = ['myid', 'current-epoch', 'config-epoch', 'leader-epoch', 'known-replica', 'known-sentinel'];
    const shown = [...enabled.matchAll(/^sentinel (\S+)/gm)].map(([, name]) => name);
    const expected = SENTINEL_DIRECTIVES.map(({ name }) => name).filter((name) => !own.includes(name));
    expect(shown).to.have.members(expected);
  });
});
