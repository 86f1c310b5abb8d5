// What the parser must ask about the world: whether scripts may be executed, and what included files hold.

import { expect } from 'chai';
import type { Surroundings } from '../../src/config/parser.js';
import { ConfigurationError, parseConfiguration } from '../../src/config/parser.js';

const MONITOR = 'sentinel monitor mymaster 192.0.2.1 6379 2\n';

function failureOf(text: string, surroundings?: Surroundings): ConfigurationError {
  try {
    parseConfiguration(text, surroundings);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('scripts in a configuration', () => {
  const scripts: Surroundings = {
    isExecutable: (path, directory) => path === '/good.sh' || (path === 'good.sh' && directory === '/scripts'),
    readIncluded: () => [],
  };

  it('are accepted if they may be executed, seen from the working directory', () => {
    const text = `${MONITOR}sentinel notification-script mymaster /good.sh
sentinel client-reconfig-script mymaster good.sh\ndir /scripts`;
    const [master] = parseConfiguration(text, scripts).state.masters;
    expect(master?.settings.notificationScript).to.equal('/good.sh');
    expect(master?.settings.clientReconfigScript).to.equal('good.sh');
  });

  it('stop the start if they do not exist', () => {
    const notification = failureOf(`sentinel notification-script mymaster /bad.sh\n${MONITOR}`, scripts);
    expect(notification.lineNumber).to.equal(1);
    expect(notification.reason).to.equal('Notification script seems non existing or non executable.');
    const reconfiguration = failureOf(`${MONITOR}sentinel client-reconfig-script mymaster good.sh`, scripts);
    expect(reconfiguration.lineNumber).to.equal(2);
    expect(reconfiguration.reason).to.equal('Client reconfiguration script seems non existing or non executable.');
  });
});

describe('included files', () => {
  function including(files: Readonly<Record<string, string>>): Surroundings {
    return {
      isExecutable: () => true,
      readIncluded: (pattern) => {
        if (pattern === 'none-*.conf') return [];
        const text = files[pattern];
        return text === undefined ? 'No such file' : [{ path: `/etc/${pattern}`, text }];
      },
    };
  }

  it('apply where they are included', () => {
    const surroundings = including({ 'tls.conf': 'port 2\nsentinel sentinel-pass secret\ntls-port 3' });
    const { server, state } = parseConfiguration('port 1\ninclude tls.conf\ntls-port 4', surroundings);
    expect([server.port, server.tlsPort, state.settings.sentinelPass]).to.deep.equal([2, 4, 'secret']);
  });

  it('may be none where a pattern names them', () => {
    expect(parseConfiguration('include none-*.conf', including({})).state.masters).to.deep.equal([]);
  });

  it('are named when one of their lines is to blame', () => {
    const { file, lineNumber, reason } = failureOf('include bad.conf', including({ 'bad.conf': '\nnonsense' }));
    expect(file).to.equal('/etc/bad.conf');
    expect(lineNumber).to.equal(2);
    expect(reason).to.equal('Bad directive or wrong number of arguments');
  });

  it('must be readable', () => {
    const { file, lineNumber, reason } = failureOf('\ninclude missing.conf', including({}));
    expect({ file, lineNumber, reason }).to.deep.equal({ file: null, lineNumber: 2, reason: 'No such file' });
  });

  for (const line of [MONITOR.trim(), 'sentinel known-replica mymaster 192.0.2.2 6379', 'user alice on']) {
    it(`must not hold what a rewrite would write a second time: ${line}`, () => {
      const { file, reason } = failureOf('include part.conf', including({ 'part.conf': line }));
      expect(file).to.equal('/etc/part.conf');
      expect(reason).to.equal('This directive must stand in the main configuration file.');
    });
  }

  it('must not include each other in a circle', () => {
    const { file, reason } = failureOf('include a.conf', including({ 'a.conf': 'include a.conf' }));
    expect(file).to.equal('/etc/a.conf');
    expect(reason).to.equal('Too many nested include directives.');
  });
});
