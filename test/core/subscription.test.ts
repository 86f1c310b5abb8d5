// Hearing: a subscription that carries nothing any more is replaced, one that never carried our hellos is not.

import { expect } from 'chai';
import { HELLO_CHANNEL } from '../../src/core/types.js';
import { aGroup, type Group, MASTER_ADDRESS } from './builders.js';
import type { ScriptedNode } from './scripted-node.js';

describe('Subscription to a data node', () => {
  /** Our own hello, as it comes back through a node. */
  function echo(group: Group, node: ScriptedNode): void {
    const [payload] = group.published(node, HELLO_CHANNEL);
    if (payload === undefined) throw new Error('nothing was published yet');
    group.hear(payload, node.address);
  }

  function reasons(group: Group): string[] {
    return group.effects('close').map(({ effect }) => effect.reason);
  }

  it('that carried our hellos and has stopped is replaced after three more, though PING is answered', () => {
    const group = aGroup();
    group.until(() => group.published(group.first, HELLO_CHANNEL).length > 0, 3_000);
    echo(group, group.first);
    group.forget();
    group.advance(3 * group.core.tunables.publishPeriod - 1_000);
    expect(reasons(group)).to.deep.equal([]);
    group.advance(2 * group.core.tunables.publishPeriod);
    expect(reasons(group)).to.deep.equal(['nothing comes through its subscription']);
    expect(group.linkTo(MASTER_ADDRESS).subscriptions.hello).to.equal('subscribed');
    expect(group.events('+sdown')).to.deep.equal([]);
  });

  it('is left alone while anything comes through it', () => {
    const group = aGroup();
    group.until(() => group.published(group.first, HELLO_CHANNEL).length > 0, 3_000);
    for (let time = 0; time < 10; time++) {
      echo(group, group.first);
      group.advance(2 * group.core.tunables.publishPeriod);
    }
    expect(reasons(group)).to.deep.equal([]);
  });

  it('is left alone where our hellos never came back: we may lack the permission to publish', () => {
    const group = aGroup();
    group.hear(group.peer(1).hello());
    group.advance(30_000);
    expect(reasons(group)).to.deep.equal([]);
  });

  it('is not blamed for a stall of our own', () => {
    const group = aGroup();
    group.until(() => group.published(group.first, HELLO_CHANNEL).length > 0, 3_000);
    echo(group, group.first);
    group.stall(20_000);
    group.advance(500);
    expect(reasons(group)).to.not.include('nothing comes through its subscription');
  });
});
