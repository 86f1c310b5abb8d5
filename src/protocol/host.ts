// Whether a text is an IP address or could be the name of a host, and which address it is, without asking the operating system.

const DECIMAL_BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = new RegExp(`^${DECIMAL_BYTE}(?:\\.${DECIMAL_BYTE}){3}$`);
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const GROUPS = 8;

/** IPv4 in four decimal numbers, or IPv6 in any of its textual forms, with or without a zone. */
export function isIpAddress(text: string): boolean {
  return IPV4.test(text) || isIpv6Address(text);
}

/** Whether the text could be the name of a host; whether there is such a host is found out later, without blocking. */
export function isHostName(text: string): boolean {
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,253})$/.test(text);
}

/**
 * The one spelling of an IPv6 address that systems write (RFC 5952, with IPv4 at the end where `inet_ntop` has it), so that
 * texts of the same address are the same text; any other text as it is.
 */
export function canonicalHost(text: string): string {
  if (!text.includes(':') || !isIpv6Address(text)) return text;
  const [address = '', zone] = text.split('%', 2);
  const groups = groupsOf(address);
  const zeros = longestZeros(groups);
  const words = (from: number, to: number) => groups.slice(from, to).map((group) => group.toString(16));
  const spelt =
    zeros.length < 2
      ? words(0, GROUPS).join(':')
      : `${words(0, zeros.start).join(':')}::${ending(groups, zeros, words(zeros.start + zeros.length, GROUPS))}`;
  return zone === undefined ? spelt : `${spelt}%${zone}`;
}

interface Zeros {
  readonly start: number;
  readonly length: number;
}

/** What stands behind `::`: after ninety-six bits of zeros, or eighty and sixteen ones, it is an IPv4 address. */
function ending(groups: readonly number[], { start, length }: Zeros, words: readonly string[]): string {
  const isMapped = length === 5 && groups[5] === 0xffff;
  if (start !== 0 || !(length === 6 || isMapped)) return words.join(':');
  const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
  return `${isMapped ? 'ffff:' : ''}${bytes.join('.')}`;
}

function groupsOf(address: string): number[] {
  const [head = [], tail = []] = address
    .split('::', 2)
    .map((half) => (half === '' ? [] : half.split(':').flatMap(numbersOf)));
  return [...head, ...Array.from({ length: GROUPS - head.length - tail.length }, () => 0), ...tail];
}

function numbersOf(group: string): number[] {
  if (!group.includes('.')) return [Number.parseInt(group, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [(a << 8) | b, (c << 8) | d];
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): Zeros {
  let longest: Zeros = { start: 0, length: 0 };
  for (let start = 0; start < GROUPS; start++) {
    const end = groups.findIndex((group, index) => index >= start && group !== 0);
    const length = (end === -1 ? GROUPS : end) - start;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

function isIpv6Address(text: string): boolean {
  const [address = '', zone] = text.split('%', 2);
  if (zone !== undefined && !/^[0-9A-Za-z._-]+$/.test(zone)) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const isShortened = halves.length === 2;
  const counts = halves.map((half, index) => countGroups(half, index === halves.length - 1, isShortened));
  if (counts.includes(null)) return false;
  const count = counts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  return isShortened ? count < GROUPS : count === GROUPS;
}

/** How many 16-bit groups stand in this half; null if it is malformed. The last of all may end in an IPv4 address. */
function countGroups(half: string, isLast: boolean, mayBeEmpty: boolean): number | null {
  if (half === '') return mayBeEmpty ? 0 : null;
  const groups = half.split(':');
  const endsInIpv4 = isLast && IPV4.test(groups.at(-1) ?? '');
  const plain = endsInIpv4 ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => GROUP.test(group))) return null;
  return plain.length + (endsInIpv4 ? 2 : 0);
}
