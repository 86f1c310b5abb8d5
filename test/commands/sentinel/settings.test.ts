// SENTINEL SET, CONFIG, DEBUG and SIMULATE-FAILURE: settings at run time.

import { expect } from 'chai';
import { aDesk, fields } from '../desk.js';

const SAVE_FAILED = '-ERR Failed to save config file. Check server logs.\r\n';
const DENIED =
  '-ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration\r\n';

describe('SENTINEL SET', () => {
  it('changes several settings in one call, each with its event', () => {
    const desk = aDesk();
    const words = ['down-after-milliseconds', 5000, 'QUORUM', 1, 'failover-timeout', 7000, 'parallel-syncs', 4];
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', ...words)).to.equal('+OK\r\n');
    expect(desk.group.master().settings).to.include({
      downAfter: 5000,
      quorum: 1,
      failoverTimeout: 7000,
      parallelSyncs: 4,
    });
    expect(desk.group.messages('+set')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 down-after-milliseconds 5000',
      'master mymaster 10.0.0.1 6379 QUORUM 1',
      'master mymaster 10.0.0.1 6379 failover-timeout 7000',
      'master mymaster 10.0.0.1 6379 parallel-syncs 4',
    ]);
  });

  it('switches fencing on and off, and knows no other word for it', () => {
    const desk = aDesk();
    const { settings } = desk.group.master();
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'fence-isolated-master', 'YES')).to.equal('+OK\r\n');
    expect(settings.fenceIsolatedMaster).to.equal(true);
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'fence-isolated-master', '1')).to.equal(
      "-ERR Invalid argument '1' for SENTINEL SET 'fence-isolated-master'\r\n",
    );
    expect(settings.fenceIsolatedMaster).to.equal(true);
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'fence-isolated-master', 'no')).to.equal('+OK\r\n');
    expect(settings.fenceIsolatedMaster).to.equal(false);
  });

  it('knows the reboot period by both names, and lets it be zero', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'primary-reboot-down-after-period', 5)).to.equal('+OK\r\n');
    expect(desk.group.master().settings.masterRebootDownAfter).to.equal(5);
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'master-reboot-down-after-period', 0)).to.equal('+OK\r\n');
    expect(desk.group.master().settings.masterRebootDownAfter).to.equal(0);
  });

  it('sets credentials, reconnects with them and never shows the password', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'auth-pass', 'secret', 'auth-user', 'me')).to.equal('+OK\r\n');
    expect(desk.group.messages('+set')).to.deep.equal([
      'master mymaster 10.0.0.1 6379 auth-pass ******',
      'master mymaster 10.0.0.1 6379 auth-user me',
    ]);
    expect(desk.group.effects('close').length).to.be.at.least(3);
    const opened = desk.group.effects('open').map(({ effect }) => effect.credentials);
    expect(opened).to.deep.include({ user: 'me', password: 'secret' });
    desk.ask('SENTINEL', 'SET', 'mymaster', 'auth-pass', '', 'auth-user', '');
    expect(desk.group.master().settings).to.include({ authPass: null, authUser: null });
  });

  it('renames commands without regard to case, and back', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'SET', 'mymaster', 'rename-command', 'config', 'Xyz');
    expect([...desk.group.master().settings.renamedCommands]).to.deep.equal([['CONFIG', 'Xyz']]);
    expect(desk.group.messages('+set')).to.deep.equal(['master mymaster 10.0.0.1 6379 rename-command config Xyz']);
    desk.ask('SENTINEL', 'SET', 'mymaster', 'rename-command', 'CONFIG', 'config');
    expect([...desk.group.master().settings.renamedCommands]).to.deep.equal([]);
  });

  it('sets scripts only if that is allowed and they can be executed', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'notification-script', '/bin/x')).to.equal(DENIED);
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'client-reconfig-script', '')).to.equal(DENIED);
    const open = aDesk({ settings: { denyScriptsReconfig: false } });
    open.host.executables.add('/bin/x');
    expect(open.ask('SENTINEL', 'SET', 'mymaster', 'notification-script', '/bin/y')).to.equal(
      '-ERR Notification script seems non existing or non executable\r\n',
    );
    expect(open.ask('SENTINEL', 'SET', 'mymaster', 'client-reconfig-script', '/bin/y')).to.equal(
      '-ERR Client reconfiguration script seems non existing or non executable\r\n',
    );
    expect(open.ask('SENTINEL', 'SET', 'mymaster', 'notification-script', '/bin/x')).to.equal('+OK\r\n');
    expect(open.group.master().settings.notificationScript).to.equal('/bin/x');
    expect(open.ask('SENTINEL', 'SET', 'mymaster', 'notification-script', '')).to.equal('+OK\r\n');
    expect(open.group.master().settings.notificationScript).to.equal(null);
  });

  it('complains of values in the original’s words', () => {
    const desk = aDesk();
    const complaints: [string, string][] = [
      ['down-after-milliseconds', '-20'],
      ['down-after-milliseconds', '0'],
      ['failover-timeout', 'abc'],
      ['parallel-syncs', '0'],
      ['quorum', '1.5'],
      ['quorum', '99999999999'],
      ['master-reboot-down-after-period', '-1'],
    ];
    for (const [option, value] of complaints) {
      expect(desk.ask('SENTINEL', 'SET', 'mymaster', option, value)).to.equal(
        `-ERR Invalid argument '${value}' for SENTINEL SET '${option}'\r\n`,
      );
    }
    for (const names of [
      ['', 'x'],
      ['x', ''],
    ]) {
      expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'rename-command', ...names)).to.equal(
        "-ERR Invalid argument '' for SENTINEL SET 'rename-command'\r\n",
      );
    }
  });

  it('complains of unknown options and missing values alike', () => {
    const desk = aDesk();
    const unknown = (option: string) => `-ERR Unknown option or number of arguments for SENTINEL SET '${option}'\r\n`;
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'fakeoption', 'x')).to.equal(unknown('fakeoption'));
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 1, 'quorum')).to.equal(unknown('quorum'));
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'rename-command', 'GET')).to.equal(unknown('rename-command'));
  });

  it('changes nothing when any part of the call is wrong', () => {
    const desk = aDesk();
    const before = { ...desk.group.master().settings };
    desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 1, 'parallel-syncs', 'x');
    expect(desk.group.master().settings).to.deep.equal(before);
    expect(desk.group.messages('+set')).to.deep.equal([]);
  });

  it('says so when the change cannot be saved, although it is in force', () => {
    const desk = aDesk();
    desk.group.disk = { failure: 'ENOSPC' };
    expect(desk.ask('SENTINEL', 'SET', 'mymaster', 'quorum', 1)).to.equal(SAVE_FAILED);
    expect(desk.group.master().settings.quorum).to.equal(1);
  });
});

describe('SENTINEL CONFIG GET', () => {
  it('shows parameters by pattern, each once, in the original’s order', () => {
    const desk = aDesk();
    expect([...fields(desk.ask('SENTINEL', 'CONFIG', 'GET', '*', 'loglevel'))]).to.deep.equal([
      ['resolve-hostnames', 'no'],
      ['announce-hostnames', 'no'],
      ['announce-ip', ''],
      ['announce-port', '0'],
      ['sentinel-user', ''],
      ['sentinel-pass', ''],
      ['loglevel', 'notice'],
    ]);
    const some = fields(desk.ask('SENTINEL', 'CONFIG', 'GET', 'ANNOUNCE-p*', 'nosuch', 'log*'));
    expect([...some.keys()]).to.deep.equal(['announce-port', 'loglevel']);
  });

  it('shows a parameter of our own only to who names it', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'CONFIG', 'SET', 'known-peers-only', 'yes')).to.equal('+OK\r\n');
    expect([...fields(desk.ask('SENTINEL', 'CONFIG', 'GET', 'Known-Peers-Only'))]).to.deep.equal([
      ['known-peers-only', 'yes'],
    ]);
    expect([...fields(desk.ask('SENTINEL', 'CONFIG', 'GET', 'known-*')).keys()]).to.deep.equal([]);
  });
});

describe('SENTINEL CONFIG SET', () => {
  it('changes several parameters, on disk before it is confirmed', () => {
    const desk = aDesk();
    const words = ['announce-ip', '10.1.1.1', 'ANNOUNCE-PORT', 5, 'resolve-hostnames', 'YES', 'loglevel', 'Debug'];
    expect(desk.ask('SENTINEL', 'CONFIG', 'SET', ...words)).to.equal('+OK\r\n');
    expect(desk.group.core.settings).to.include({ announceHost: '10.1.1.1', announcePort: 5, resolveHostnames: true });
    expect(desk.host.logLevel).to.equal('debug');
    expect(desk.group.effects('save').length).to.be.at.least(1);
    desk.ask('SENTINEL', 'CONFIG', 'SET', 'announce-ip', '', 'announce-port', 0);
    expect(desk.group.core.settings).to.include({ announceHost: null, announcePort: null });
  });

  it('reconnects to other Sentinels with new credentials', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'CONFIG', 'SET', 'sentinel-pass', 'secret', 'sentinel-user', 'me')).to.equal('+OK\r\n');
    const links = desk.group.peers.map(({ address }) => desk.group.linkTo(address).id);
    const closed = desk.group.effects('close').map(({ effect }) => effect.link);
    expect(closed).to.include.members(links);
  });

  it('stops resolving names also while one is in use, as the peers’ suites want it', () => {
    const desk = aDesk();
    const set = (value: string) => desk.ask('SENTINEL', 'CONFIG', 'SET', 'resolve-hostnames', value);
    desk.group.hosts.set('node.example.org', '10.5.0.1');
    expect(set('yes')).to.equal('+OK\r\n');
    expect(desk.ask('SENTINEL', 'MONITOR', 'other', 'node.example.org', 6379, 2)).to.equal('+OK\r\n');
    expect(set('no')).to.equal('+OK\r\n');
    expect(desk.ask('SENTINEL', 'CONFIG', 'GET', 'resolve-hostnames')).to.match(/\r\nno\r\n$/);
    expect(desk.ask('SENTINEL', 'REMOVE', 'other')).to.equal('+OK\r\n');
  });

  it('complains in the original’s words and then changes nothing', () => {
    const desk = aDesk();
    const complaints: [string[], string][] = [
      [['foo', 'bar'], "Invalid argument 'foo' to SENTINEL CONFIG SET"],
      [['announce-port', '-1'], "Invalid value '-1' to SENTINEL CONFIG SET 'announce-port'"],
      [['announce-port', '65536'], "Invalid value '65536' to SENTINEL CONFIG SET 'announce-port'"],
      [['resolve-hostnames', 'maybe'], "Invalid value 'maybe' to SENTINEL CONFIG SET 'resolve-hostnames'"],
      [['loglevel', 'loud'], "Invalid value 'loud' to SENTINEL CONFIG SET 'loglevel'"],
      [['announce-port', '1', 'Announce-Port', '2'], "Duplicate argument 'Announce-Port' to SENTINEL CONFIG SET"],
      [['announce-port', '1', 'announce-ip'], "Missing argument 'announce-ip' value"],
    ];
    for (const [words, complaint] of complaints) {
      expect(desk.ask('SENTINEL', 'CONFIG', 'SET', ...words)).to.equal(`-ERR ${complaint}\r\n`);
    }
    expect(desk.group.core.settings).to.include({ announcePort: null, resolveHostnames: false });
  });

  it('is the only other thing CONFIG can do', () => {
    const desk = aDesk();
    const only =
      '-ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET <param> <value> [<param> <value> ...] are supported.\r\n';
    expect(desk.ask('SENTINEL', 'CONFIG', 'FOO', 'bar')).to.equal(only);
    expect(desk.ask('SENTINEL', 'CONFIG', 'SET', 'announce-ip')).to.equal(only);
    expect(desk.ask('SENTINEL', 'CONFIG', 'GET')).to.match(/^-ERR wrong number of arguments for 'sentinel\|config'/);
  });
});

describe('SENTINEL DEBUG', () => {
  it('shows thirteen periods in the original’s order', () => {
    const shown = fields(aDesk().ask('SENTINEL', 'DEBUG'));
    expect([...shown].map(([name, value]) => `${name} ${value}`)).to.deep.equal([
      'INFO-PERIOD 10000',
      'PING-PERIOD 1000',
      'ASK-PERIOD 1000',
      'PUBLISH-PERIOD 2000',
      'DEFAULT-DOWN-AFTER 30000',
      'DEFAULT-FAILOVER-TIMEOUT 180000',
      'TILT-TRIGGER 2000',
      'TILT-PERIOD 30000',
      'SLAVE-RECONF-TIMEOUT 10000',
      'MIN-LINK-RECONNECT-PERIOD 15000',
      'ELECTION-TIMEOUT 10000',
      'SCRIPT-MAX-RUNTIME 60000',
      'SCRIPT-RETRY-DELAY 30000',
    ]);
  });

  it('changes several at once, and the next master is watched by them', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'DEBUG', 'default-down-after', 1234, 'INFO-PERIOD', 100)).to.equal('+OK\r\n');
    desk.ask('SENTINEL', 'MONITOR', 'other', '10.5.0.1', 6379, 2);
    expect(desk.group.master('other').settings.downAfter).to.equal(1234);
    desk.group.forget();
    desk.group.advance(1_000);
    expect(desk.group.sentTo(desk.group.first, 'info').length).to.be.at.least(9);
  });

  it('complains in the original’s words and then changes nothing', () => {
    const desk = aDesk();
    const unknown = (name: string) => `-ERR Unknown option or number of arguments for SENTINEL DEBUG '${name}'\r\n`;
    expect(desk.ask('SENTINEL', 'DEBUG', 'ask-period', 5, 'nosuch', 1)).to.equal(unknown('nosuch'));
    expect(desk.ask('SENTINEL', 'DEBUG', 'info-period')).to.equal(unknown('info-period'));
    expect(desk.ask('SENTINEL', 'DEBUG', 'info-period', 0)).to.equal(
      "-ERR Invalid argument '0' for SENTINEL DEBUG 'info-period'\r\n",
    );
    expect(desk.group.core.tunables).to.include({ askPeriod: 1_000, infoPeriod: 10_000 });
  });
});

describe('SENTINEL SIMULATE-FAILURE', () => {
  it('forgets what was armed when it is asked for help', () => {
    const desk = aDesk();
    desk.ask('SENTINEL', 'SIMULATE-FAILURE', 'crash-after-election');
    desk.ask('SENTINEL', 'SIMULATE-FAILURE', 'help');
    expect(desk.group.core.simulatedFailures.size).to.equal(0);
  });

  it('arms failures, replacing those armed before', () => {
    const desk = aDesk();
    const { simulatedFailures } = desk.group.core;
    expect(desk.ask('SENTINEL', 'SIMULATE-FAILURE', 'crash-after-election')).to.equal('+OK\r\n');
    expect([...simulatedFailures]).to.deep.equal(['crash-after-election']);
    desk.ask('SENTINEL', 'SIMULATE-FAILURE', 'CRASH-AFTER-PROMOTION');
    expect([...simulatedFailures]).to.deep.equal(['crash-after-promotion']);
    expect(desk.host.logged.at(-1)).to.match(/^warning Failure simulation: .* promoted/);
  });

  it('names them, and refuses others', () => {
    const desk = aDesk();
    expect(desk.ask('SENTINEL', 'SIMULATE-FAILURE', 'help')).to.equal(
      '*2\r\n$20\r\ncrash-after-election\r\n$21\r\ncrash-after-promotion\r\n',
    );
    expect(desk.ask('SENTINEL', 'SIMULATE-FAILURE', 'foo')).to.equal('-ERR Unknown failure simulation specified\r\n');
    expect(desk.group.core.simulatedFailures.size).to.equal(0);
  });
});
