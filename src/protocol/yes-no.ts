// The two words for true and false, as configuration files and commands have them.

/** `yes` and `no` in any case; null otherwise. */
export function parseYesNo(text: string): boolean | null {
  switch (text.toLowerCase()) {
    case 'yes':
      return true;
    case 'no':
      return false;
    default:
      return null;
  }
}

export function formatYesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
