/** Bytes from the terminal become named key presses and pastes; sequences cut in the middle are put together again. */

export type Press = { kind: 'key'; name: string; text?: string } | { kind: 'paste'; text: string };

export interface Parsed {
  presses: Press[];
  /** The beginning of a sequence whose end has not arrived. */
  rest: string;
}

const ESC = '\u001b';
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

const CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  ' ': 'space',
};
/** Final bytes of `ESC [ …` and `ESC O …`; what is not here (function keys, mouse reports) is swallowed. */
const ARROWS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
};
const TILDE: Readonly<Record<string, string>> = {
  '1': 'home',
  '3': 'delete',
  '4': 'end',
  '5': 'pgup',
  '6': 'pgdn',
  '7': 'home',
  '8': 'end',
};

const key = (name: string): Press => ({ kind: 'key', name });

/** A lone escape at the end stays in `rest`; whoever reads the clock decides that nothing follows (`flush`). */
export function parseInput(input: string): Parsed {
  const presses: Press[] = [];
  let at = 0;
  while (at < input.length) {
    if (input[at] !== ESC) {
      const letter = String.fromCodePoint(input.codePointAt(at)!);
      presses.push(plain(letter));
      at += letter.length;
      continue;
    }
    if (input.startsWith(PASTE_BEGIN, at)) {
      const end = input.indexOf(PASTE_END, at);
      if (end === -1) return { presses, rest: input.slice(at) };
      presses.push({ kind: 'paste', text: input.slice(at + PASTE_BEGIN.length, end) });
      at = end + PASTE_END.length;
      continue;
    }
    const sequence = sequenceAt(input, at);
    if (sequence === 'cut') return { presses, rest: input.slice(at) };
    if (sequence.press) presses.push(sequence.press);
    at += sequence.length;
  }
  return { presses, rest: '' };
}

/** What an unfinished sequence means once nothing more arrives: a lone escape is the key, anything else is noise. */
export const flushInput = (rest: string): Press[] =>
  rest === ESC
    ? [key('esc')]
    : rest.startsWith(PASTE_BEGIN)
      ? [{ kind: 'paste', text: rest.slice(PASTE_BEGIN.length) }]
      : [];

function plain(letter: string): Press {
  const named = CONTROL[letter];
  if (named) return letter === ' ' ? { kind: 'key', name: named, text: letter } : key(named);
  const code = letter.codePointAt(0)!;
  if (code < 32) return key(`ctrl-${String.fromCharCode(code + 96)}`);
  return { kind: 'key', name: letter, text: letter };
}

function sequenceAt(input: string, at: number): { press?: Press; length: number } | 'cut' {
  const next = input[at + 1];
  if (next === undefined) return 'cut';
  if (next === ESC) return { press: key('esc'), length: 1 };
  if (next === 'O') {
    const final = input[at + 2];
    return final === undefined
      ? 'cut'
      : { ...(ARROWS[final] ? { press: key(ARROWS[final]) } : {}), length: 3 };
  }
  // Escape and a letter in one chunk: Alt is never bound, so the letter must not act; leaving is harmless.
  if (next !== '[')
    return { press: key('esc'), length: 1 + String.fromCodePoint(input.codePointAt(at + 1)!).length };
  // The old mouse report has three raw bytes after its letter.
  if (input[at + 2] === 'M') return input.length < at + 6 ? 'cut' : { length: 6 };
  const match = /^[0-9;<=>?]*[ -/]*([@-~])/.exec(input.slice(at + 2, at + 66));
  if (!match) return input.length - at < 66 ? 'cut' : { length: 2 };
  const [whole, final] = match;
  const name =
    final === '~'
      ? TILDE[whole.slice(0, -1)]
      : /^[0-9;]*$/.test(whole.slice(0, -1))
        ? ARROWS[final!]
        : undefined;
  return { ...(name ? { press: key(name) } : {}), length: 2 + whole.length };
}
