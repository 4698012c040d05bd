const CONTROL_PICTURES = 0x2400;
const DELETE_PICTURE = '\u2421';

/** Characters that turn or embed the direction of what follows them, past the end of their own line. */
const DIRECTION_NAMES: Readonly<Record<string, string>> = {
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
};

// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function picture(char: string): string {
  const name = DIRECTION_NAMES[char];
  if (name !== undefined) return `⟨${name}⟩`;
  const code = char.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(CONTROL_PICTURES + code);
  return code === 0x7f ? DELETE_PICTURE : `⟨${code.toString(16).toUpperCase()}⟩`;
}

/**
 * The text with what cannot be seen made visible: terminal escapes, other control characters and the
 * overrides of writing direction with which a line can be made to read as another. Line breaks, tabs and
 * the marks that Arabic or Hebrew need stay as they are. Put the result into a text node, as any words of
 * somebody else.
 */
export const visibleText = (text: string): string => text.replaceAll('\r\n', '\n').replace(UNSEEN, picture);

/** At most so many UTF-16 units of the beginning, never half a character. */
export function beginning(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  const last = text.charCodeAt(maxUnits - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? maxUnits - 1 : maxUnits);
}
