// INFO: sections, their order, and the lines that monitoring tools read.

import { expect } from 'chai';
import { aDesk, type Desk } from './desk.js';

const text = (desk: Desk, ...sections: string[]) =>
  desk
    .ask('INFO', ...sections)
    .replace(/^\$\d+\r\n/, '')
    .slice(0, -2);

describe('INFO', () => {
  it('shows five sections in the original’s order, by default and by "all"', () => {
    const desk = aDesk();
    const titles = (...words: string[]) =>
      text(desk, ...words)
        .match(/^# .*$/gm)
        ?.map((title) => title.trim());
    const all = ['# Server', '# Clients', '# Stats', '# CPU', '# Sentinel'];
    expect(titles()).to.deep.equal(all);
    expect(titles('everything')).to.deep.equal(all);
    expect(titles('SENTINEL', 'cpu', 'nosuch')).to.deep.equal(['# CPU', '# Sentinel']);
    expect(text(desk, 'nosuch')).to.equal('');
  });

  it('separates sections by an empty line and ends every line with CR LF', () => {
    expect(text(aDesk(), 'cpu', 'clients')).to.equal(
      '# Clients\r\nconnected_clients:1\r\nmaxclients:10000\r\nblocked_clients:0\r\ntracking_clients:0\r\npubsub_clients:0\r\n\r\n# CPU\r\nused_cpu_sys:0.250000\r\nused_cpu_user:1.500000\r\n',
    );
  });

  it('names the compatible version, the mode and our own version', () => {
    const server = text(aDesk(), 'server').split('\r\n');
    expect(server).to.include.members([
      'redis_version:7.2.4',
      'redis_mode:sentinel',
      'vedette_version:1.2.3',
      'tcp_port:26379',
      'uptime_in_seconds:90061',
      'uptime_in_days:1',
      'server_time_usec:1700000000000000',
    ]);
  });

  it('begins the Sentinel section with the original’s lines', () => {
    const desk = aDesk();
    expect(text(desk, 'sentinel').split('\r\n').slice(0, 8)).to.deep.equal([
      '# Sentinel',
      'sentinel_masters:1',
      'sentinel_tilt:0',
      'sentinel_tilt_since_seconds:-1',
      'sentinel_running_scripts:0',
      'sentinel_scripts_queue_length:0',
      'sentinel_simulate_failure_flags:0',
      'master0:name=mymaster,status=ok,address=10.0.0.1:6379,slaves=2,sentinels=3',
    ]);
    desk.ask('SENTINEL', 'SIMULATE-FAILURE', 'crash-after-election', 'crash-after-promotion');
    expect(text(desk, 'sentinel')).to.contain('sentinel_simulate_failure_flags:3\r\n');
  });

  it('shows how bad it is for a master', () => {
    const desk = aDesk({ master: { quorum: 3 } });
    desk.group.crash(desk.group.first);
    desk.group.untilEvent('+sdown', 2_000);
    expect(text(desk, 'sentinel')).to.contain('name=mymaster,status=sdown,');
    for (const peer of desk.group.peers) peer.script.findsMasterDown = true;
    desk.group.untilEvent('+odown', 2_000);
    expect(text(desk, 'sentinel')).to.contain('name=mymaster,status=odown,');
  });

  it('shows since when the process is in TILT', () => {
    const desk = aDesk();
    desk.group.core.tilt = { since: desk.group.now - 3_500 };
    expect(text(desk, 'sentinel')).to.contain('sentinel_tilt:1\r\nsentinel_tilt_since_seconds:3\r\n');
  });

  it('shows a failing disk, and gossip that was not believed', () => {
    const desk = aDesk();
    expect(text(desk, 'sentinel')).to.contain('vedette_save_status:ok\r\n');
    desk.group.disk = { failure: 'ENOSPC: no space left\non device' };
    desk.ask('SENTINEL', 'FLUSHCONFIG');
    desk.ask('PUBLISH', '__sentinel__:hello', 'nonsense');
    const lines = text(desk, 'sentinel').split('\r\n');
    expect(lines).to.include.members([
      'vedette_save_status:failing',
      'vedette_consecutive_save_failures:1',
      'vedette_save_failure:ENOSPC: no space left on device',
      'vedette_hellos_ignored:1',
      'vedette_votes_ignored:0',
    ]);
  });

  it('counts who is connected and who listens', () => {
    const desk = aDesk();
    desk.connect().patterns.add('*');
    expect(text(desk, 'clients')).to.contain('connected_clients:2\r\n').and.to.contain('pubsub_clients:1\r\n');
    expect(text(desk, 'stats').split('\r\n')).to.include.members([
      'total_connections_received:5',
      'total_commands_processed:42',
      'rejected_connections:1',
      'pubsub_channels:2',
      'pubsub_patterns:1',
    ]);
  });
});
