// One word of Redis's `bind` directive: an address to listen on, which may be absent from this machine.

export interface Binding {
  readonly host: string;
  /** `-` in front: the machine need not have the address. */
  readonly isOptional: boolean;
  readonly isIpv6: boolean;
}

/** Every address the machine has, of both families: what Redis does without a `bind` directive. */
export const EVERYWHERE: readonly string[] = ['*', '-::*'];

/** `*` and `::*` mean every address of their family. */
export function parseBinding(word: string): Binding {
  const isOptional = word.startsWith('-');
  const address = isOptional ? word.slice(1) : word;
  if (address === '*') return { host: '0.0.0.0', isOptional, isIpv6: false };
  if (address === '::*') return { host: '::', isOptional, isIpv6: true };
  return { host: address, isOptional, isIpv6: address.includes(':') };
}

const ABSENT = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EINVAL', 'ENOPROTOOPT', 'EPFNOSUPPORT']);

/** Whether the machine does not have the address, or not even its family. */
export function isAbsent(error: NodeJS.ErrnoException): boolean {
  return ABSENT.has(error.code ?? '');
}
