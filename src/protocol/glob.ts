// Redis's string matching, for PSUBSCRIBE, SENTINEL RESET and every other place that takes a pattern.
//
// `*` any run of bytes, `?` any byte, `[a-z]` and `[^a-z]` one byte in or out of a class, `\` takes the next byte literally.
// The one idea: when a later star has been reached, an earlier one never has to be tried again. So a mismatch goes back to
// the last star only, and the time is bounded by the product of the lengths, whatever a hostile pattern looks like.

const ASTERISK = 0x2a;
const QUESTION_MARK = 0x3f;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
const CARET = 0x5e;
const MINUS = 0x2d;

const NO_MATCH = -1;

/** Whether the pattern describes the whole text. Both are byte strings; case matters. */
export function matchesGlob(pattern: string, text: string): boolean {
  let patternAt = 0;
  let textAt = 0;
  let afterStar = NO_MATCH;
  let starTextAt = 0;
  while (textAt < text.length) {
    if (pattern.charCodeAt(patternAt) === ASTERISK) {
      patternAt++;
      afterStar = patternAt;
      starTextAt = textAt;
      if (patternAt === pattern.length) return true;
      continue;
    }
    const next = matchOne(pattern, patternAt, text.charCodeAt(textAt));
    if (next !== NO_MATCH) {
      patternAt = next;
      textAt++;
    } else if (afterStar !== NO_MATCH) {
      starTextAt++;
      textAt = starTextAt;
      patternAt = afterStar;
    } else {
      return false;
    }
  }
  while (pattern.charCodeAt(patternAt) === ASTERISK) patternAt++;
  return patternAt === pattern.length;
}

/** Where the pattern goes on after the element at `at` has matched the byte, or `NO_MATCH`. */
function matchOne(pattern: string, at: number, code: number): number {
  if (at === pattern.length) return NO_MATCH;
  switch (pattern.charCodeAt(at)) {
    case QUESTION_MARK:
      return at + 1;
    case OPENING_BRACKET:
      return matchClass(pattern, at + 1, code);
    case BACKSLASH: {
      const literalAt = at + 1 < pattern.length ? at + 1 : at;
      return pattern.charCodeAt(literalAt) === code ? literalAt + 1 : NO_MATCH;
    }
    default:
      return pattern.charCodeAt(at) === code ? at + 1 : NO_MATCH;
  }
}

/** A class from behind its opening bracket. Like Redis: a missing closing bracket is supplied, reversed ranges are turned. */
function matchClass(pattern: string, start: number, code: number): number {
  const isNegated = pattern.charCodeAt(start) === CARET;
  let at = isNegated ? start + 1 : start;
  let isMember = false;
  while (at < pattern.length && pattern.charCodeAt(at) !== CLOSING_BRACKET) {
    const first = pattern.charCodeAt(at);
    if (first === BACKSLASH && at + 1 < pattern.length) {
      if (pattern.charCodeAt(at + 1) === code) isMember = true;
      at += 2;
    } else if (pattern.charCodeAt(at + 1) === MINUS && at + 2 < pattern.length) {
      const last = pattern.charCodeAt(at + 2);
      if (code >= Math.min(first, last) && code <= Math.max(first, last)) isMember = true;
      at += 3;
    } else {
      if (first === code) isMember = true;
      at++;
    }
  }
  if (isMember === isNegated) return NO_MATCH;
  return at < pattern.length ? at + 1 : at;
}
