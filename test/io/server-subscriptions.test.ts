// Who hears which event.

import { expect } from 'chai';
import { type Listener, Subscriptions } from '../../src/io/subscriptions.js';

class Recorder implements Listener {
  readonly heard: string[] = [];
  readonly protocol: 2 | 3;
  constructor(protocol: 2 | 3 = 2) {
    this.protocol = protocol;
  }
  hear(text: string): void {
    this.heard.push(text);
  }
}

describe('Subscriptions', () => {
  it('bring a message to those who listen to its channel, in their version', () => {
    const subscriptions = new Subscriptions();
    const [two, three, other] = [new Recorder(2), new Recorder(3), new Recorder()];
    subscriptions.add('channel', '+sdown', two);
    subscriptions.add('channel', '+sdown', three);
    subscriptions.add('channel', '-sdown', other);
    subscriptions.publish('+sdown', 'master m 10.0.0.1 6379');
    const message = '3\r\n$7\r\nmessage\r\n$6\r\n+sdown\r\n$22\r\nmaster m 10.0.0.1 6379\r\n';
    expect(two.heard).to.deep.equal([`*${message}`]);
    expect(three.heard).to.deep.equal([`>${message}`]);
    expect(other.heard).to.deep.equal([]);
  });

  it('bring it once for the channel and once for each pattern that matches', () => {
    const subscriptions = new Subscriptions();
    const listener = new Recorder();
    subscriptions.add('channel', 'a', listener);
    for (const pattern of ['*', 'a*', 'b*']) subscriptions.add('pattern', pattern, listener);
    subscriptions.publish('a', 'x');
    expect(listener.heard).to.deep.equal([
      '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n',
      '*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\nx\r\n',
      '*4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$1\r\na\r\n$1\r\nx\r\n',
    ]);
  });

  it('are counted by name and forgotten with their last listener', () => {
    const subscriptions = new Subscriptions();
    const [one, two] = [new Recorder(), new Recorder()];
    subscriptions.add('channel', 'a', one);
    subscriptions.add('channel', 'a', two);
    subscriptions.add('pattern', '*', one);
    expect([subscriptions.channelCount, subscriptions.patternCount]).to.deep.equal([1, 1]);
    subscriptions.remove('channel', 'a', one);
    subscriptions.remove('channel', 'a', one);
    subscriptions.remove('pattern', '*', one);
    expect([subscriptions.channelCount, subscriptions.patternCount]).to.deep.equal([1, 0]);
    subscriptions.remove('channel', 'a', two);
    expect(subscriptions.channelCount).to.equal(0);
    subscriptions.publish('a', 'x');
    expect([...one.heard, ...two.heard]).to.deep.equal([]);
  });

  it('reach the others when a listener leaves while it hears', () => {
    const subscriptions = new Subscriptions();
    const last = new Recorder();
    const leaver: Listener = { protocol: 2, hear: () => subscriptions.remove('channel', 'a', leaver) };
    subscriptions.add('channel', 'a', leaver);
    subscriptions.add('channel', 'a', last);
    subscriptions.publish('a', 'x');
    expect(last.heard).to.have.length(1);
  });
});
