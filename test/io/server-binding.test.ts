// The words of the `bind` directive.

import { expect } from 'chai';
import { isAbsent, parseBinding } from '../../src/io/server-binding.js';

describe('A word of the bind directive', () => {
  it('names an address, or every address of a family', () => {
    expect(parseBinding('10.0.0.1')).to.deep.equal({ host: '10.0.0.1', isOptional: false, isIpv6: false });
    expect(parseBinding('::1')).to.deep.equal({ host: '::1', isOptional: false, isIpv6: true });
    expect(parseBinding('*')).to.deep.equal({ host: '0.0.0.0', isOptional: false, isIpv6: false });
    expect(parseBinding('-::*')).to.deep.equal({ host: '::', isOptional: true, isIpv6: true });
  });

  it('may be absent only if the machine does not have the address', () => {
    expect(isAbsent(Object.assign(new Error('x'), { code: 'EADDRNOTAVAIL' }))).to.equal(true);
    expect(isAbsent(Object.assign(new Error('x'), { code: 'EADDRINUSE' }))).to.equal(false);
  });
});
