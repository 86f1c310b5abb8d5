// Whether a text is an IP address or could be the name of a host, without asking the operating system.

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
