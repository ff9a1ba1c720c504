/** Values that satisfy what a rule wants of a field, several wishes at once where that can be. */
import fc from 'fast-check';
import type { Wanted } from './modifiers.ts';
import { piecesIn } from './modifiers.ts';
import type { Random } from './random.ts';
import { translated } from './regex.ts';
import type { Piece } from './wildcards.ts';

const FILLERS = [
  '',
  '',
  'x',
  ' ',
  'C:\\',
  ' /a ',
  '"q"',
  'é',
  'Σ',
  'İ',
  '\u{1F600}',
  '\n',
  '-',
  '0',
  '*',
  '?',
  '%',
];

/** One value for all wishes; undefined where the field had better be missing. */
export function joined(wanted: readonly Wanted[], random: Random): unknown {
  const texts = wanted.filter((one) => one.kind === 'pieces' || one.kind === 'bytes');
  if (texts.length === 0 || texts.length < wanted.length) return textFor(random.pick(wanted), random);
  const pieces = texts.map(piecesIn);
  const rank = (one: readonly Piece[]) =>
    (one[0] === '*' ? 1 : 0) + (one.length > 0 && one.at(-1) !== '*' ? 1 : 0);
  const text = pieces
    .toSorted((left, right) => rank(left) - rank(right))
    .map((one) => one.map((piece) => pieceText(piece, random)).join(''))
    .join(random.pick(['', ' ', '..']));
  return shaped(text, random);
}

/** Case, lists and number types vary: none of them should matter. */
function shaped(text: string, random: Random): unknown {
  const cased = random.chance(0.2) ? text.toUpperCase() : random.chance(0.2) ? text.toLowerCase() : text;
  if (random.chance(0.05)) return [random.pick(['other', 7, null]), cased];
  return /^\d{1,9}$/.test(cased) && !/^0\d/.test(cased) && random.chance(0.5) ? Number(cased) : cased;
}

function pieceText(piece: Piece, random: Random): string {
  if (piece === '*') return random.pick(FILLERS);
  return piece === '?' ? random.pick(['a', '5', '\u{1F600}', '\\', '\n']) : piece.literal;
}

export function textFor(wanted: Wanted, random: Random): unknown {
  switch (wanted.kind) {
    case 'null':
      return random.pick([null, undefined, []]);
    case 'exists':
      return wanted.expected ? random.pick([null, '', 'here', 0]) : undefined;
    case 'number':
      return random.chance(0.5) ? wanted.number : String(wanted.number);
    case 'boolean':
      return random.pick([wanted.boolean, String(wanted.boolean), String(wanted.boolean).toUpperCase()]);
    case 'regex':
      return regexText(wanted, random);
    case 'network':
      return addressIn(wanted.network, random);
    case 'compare':
      return random.pick([wanted.limit, wanted.limit + 1, wanted.limit - 1, String(wanted.limit + 0.5)]);
    case 'date':
      return dateWith(wanted.part, wanted.number, random);
    case 'field':
      return random.pick(['same', 'C:\\dir\\Same.exe', '5']);
    default:
      return piecesIn(wanted)
        .map((piece) => pieceText(piece, random))
        .join('');
  }
}

function regexText({ source, flags }: Extract<Wanted, { kind: 'regex' }>, random: Random): string {
  const seed = random.below(2 ** 31);
  try {
    const [text] = fc.sample(fc.stringMatching(translated(source, flags.replace('i', ''))), {
      seed,
      numRuns: 1,
    });
    return `${random.pick(['', 'x '])}${text}${random.pick(['', ' y'])}`;
  } catch {
    // Not every expression can be turned into an example; its literal text is a near miss.
    return source;
  }
}

function addressIn(network: string, random: Random): string {
  const [base = '', length = '32'] = network.split('/');
  if (base.includes(':')) return base.endsWith('::') ? `${base}${random.below(65_536).toString(16)}` : base;
  const host = random.below(2 ** Math.min(31, 32 - Number(length)));
  const value = (base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + host) % 2 ** 32;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function dateWith(part: string, number: number, random: Random): string {
  const at = { year: 2026, month: 11, day: 21, hour: 19, minute: 30, [part]: number };
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${at.year}-${two(at.month)}-${two(at.day)}`;
  if (part === 'week') return new Date(Date.UTC(2026, 0, 1 + (number - 1) * 7)).toISOString();
  return random.pick([
    `${date}T${two(at.hour)}:${two(at.minute)}:00Z`,
    `${date} ${two(at.hour)}:${two(at.minute)}:00.5`,
  ]);
}
