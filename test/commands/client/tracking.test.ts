// CLIENT TRACKING, PAUSE and UNBLOCK: understood as in Redis, with no effect. The texts are those of Redis 7.0's Sentinel.

import { expect } from 'chai';
import { aDesk } from '../desk.js';

describe('CLIENT TRACKING', () => {
  it('is remembered and described', () => {
    const desk = aDesk();
    const ask = (...words: string[]) => desk.ask('CLIENT', ...words);
    desk.client.protocol = 3;
    expect(ask('TRACKINGINFO')).to.equal(
      '%3\r\n$5\r\nflags\r\n~1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n*0\r\n',
    );
    expect(ask('GETREDIR')).to.equal(':-1\r\n');
    expect(ask('TRACKING', 'on', 'OPTIN', 'NOLOOP')).to.equal('+OK\r\n');
    expect(ask('CACHING', 'yes')).to.equal('+OK\r\n');
    expect(ask('TRACKINGINFO')).to.match(/~4\r\n\$2\r\non\r\n\$5\r\noptin\r\n\$11\r\ncaching-yes\r\n\$6\r\nnoloop\r\n/);
    expect(ask('GETREDIR')).to.equal(':0\r\n');
    expect(ask('LIST')).to.match(/ flags=t .* redir=0 /);
    expect(ask('TRACKING', 'off')).to.equal('+OK\r\n');
    expect(ask('GETREDIR')).to.equal(':-1\r\n');
  });

  it('is refused where options contradict each other or what holds', () => {
    const desk = aDesk();
    const ask = (...words: (string | number)[]) => desk.ask('CLIENT', ...words);
    expect(ask('CACHING', 'yes')).to.match(
      /^-ERR CLIENT CACHING can be called only when the client is in tracking mode/,
    );
    expect(ask('TRACKING', 'foo')).to.equal('-ERR syntax error\r\n');
    expect(ask('TRACKING', 'on', 'redirect', 99)).to.equal(
      '-ERR The client ID you want redirect to does not exist\r\n',
    );
    expect(ask('TRACKING', 'on', 'optin', 'optout')).to.match(/can't specify both OPTIN mode and OPTOUT mode/);
    expect(ask('TRACKING', 'on', 'bcast', 'optin')).to.match(/OPTIN and OPTOUT are not compatible with BCAST/);
    expect(ask('TRACKING', 'on', 'prefix', 'a')).to.match(/PREFIX option requires BCAST mode to be enabled/);
    expect(ask('TRACKING', 'on', 'bcast', 'prefix', 'a', 'prefix', 'ab')).to.match(
      /Prefix 'a' overlaps with another provided prefix 'ab'/,
    );
    expect(ask('TRACKING', 'on', 'bcast', 'prefix', 'a')).to.equal('+OK\r\n');
    expect(ask('TRACKING', 'on', 'bcast', 'prefix', 'ab')).to.match(/Prefix 'ab' overlaps with an existing prefix 'a'/);
    expect(ask('TRACKING', 'on')).to.match(/You can't switch BCAST mode on\/off/);
    expect(ask('TRACKING', 'off')).to.equal('+OK\r\n');
    expect(ask('TRACKING', 'on', 'optout')).to.equal('+OK\r\n');
    expect(ask('TRACKING', 'on', 'optin')).to.match(/You can't switch OPTIN\/OPTOUT mode/);
    expect(ask('CACHING', 'yes')).to.match(/CACHING YES is only valid when tracking is enabled in OPTIN mode/);
  });
});

describe('CLIENT PAUSE, UNPAUSE and UNBLOCK', () => {
  it('check their words and hold up nobody', () => {
    const desk = aDesk();
    const ask = (...words: (string | number)[]) => desk.ask('CLIENT', ...words);
    expect(ask('PAUSE', 100_000)).to.equal('+OK\r\n');
    expect(desk.ask('PING')).to.equal('+PONG\r\n');
    expect(ask('PAUSE', 1, 'write')).to.equal('+OK\r\n');
    expect(ask('PAUSE', 'x')).to.equal('-ERR timeout is not an integer or out of range\r\n');
    expect(ask('PAUSE', -1)).to.equal('-ERR timeout is negative\r\n');
    expect(ask('PAUSE', 1, 'foo')).to.equal('-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n');
    expect(ask('PAUSE', 1, 'all', 'x')).to.equal(
      "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.\r\n",
    );
    expect(ask('UNPAUSE')).to.equal('+OK\r\n');
    expect(ask('UNBLOCK', 1)).to.equal(':0\r\n');
    expect(ask('UNBLOCK', 99, 'ERROR')).to.equal(':0\r\n');
    expect(ask('UNBLOCK', 99, 'foo')).to.match(/^-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR/);
    expect(ask('UNBLOCK', 'x')).to.equal('-ERR value is not an integer or out of range\r\n');
  });
});
