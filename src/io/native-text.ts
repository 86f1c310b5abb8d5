// Between byte strings, one character a byte, in which everything of the protocol and the configuration is kept, and the text
// that the operating system's interfaces take: paths, arguments, messages. No byte of a valid UTF-8 name is lost on the way.

/** What Node's file and process functions are to be given for this byte string. */
export function toNative(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** A path, argument or message of the operating system as a byte string. */
export function toByteString(native: string): string {
  return Buffer.from(native, 'utf8').toString('latin1');
}
