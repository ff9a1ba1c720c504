/** The modifiers of section 6 of the language: each turns one value into one or several, joined with OR. */
import { Buffer } from 'node:buffer';
import { literalOf, type Piece, piecesOf } from './wildcards.ts';

export type Wanted =
  | { kind: 'pieces'; pieces: readonly Piece[] }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'number'; number: number }
  | { kind: 'boolean'; boolean: boolean }
  | { kind: 'null' }
  | { kind: 'regex'; source: string; flags: string }
  | { kind: 'network'; network: string }
  | { kind: 'exists'; expected: boolean }
  | { kind: 'compare'; how: string; limit: number }
  | { kind: 'date'; part: string; number: number }
  | { kind: 'field'; name: string; how: 'equals' | 'contains' | 'startswith' | 'endswith' };

export type Placeholders = Readonly<Record<string, readonly (string | number)[]>>;

const FLAGS: Readonly<Record<string, string>> = {
  i: 'i',
  m: 'm',
  s: 's',
  ignorecase: 'i',
  multiline: 'm',
  dotall: 's',
};

export function wantedOf(written: unknown): Wanted {
  if (written === null) return { kind: 'null' };
  if (typeof written === 'number') return { kind: 'number', number: written };
  if (typeof written === 'boolean') return { kind: 'boolean', boolean: written };
  return { kind: 'pieces', pieces: piecesOf(String(written)) };
}

export function modified(
  name: string,
  value: Wanted,
  written: unknown,
  placeholders: Placeholders,
): Wanted[] {
  switch (name) {
    case 'contains':
    case 'startswith':
    case 'endswith':
      if (value.kind === 'regex') return [value];
      if (value.kind === 'field') return [{ ...value, how: name }];
      return [
        {
          kind: 'pieces',
          pieces: [
            ...(name === 'startswith' ? [] : (['*'] as const)),
            ...piecesIn(value),
            ...(name === 'endswith' ? [] : (['*'] as const)),
          ],
        },
      ];
    case 're':
      return [{ kind: 'regex', source: String(written), flags: '' }];
    case 'i':
    case 'm':
    case 's':
    case 'ignorecase':
    case 'multiline':
    case 'dotall':
      if (value.kind !== 'regex') throw new Error(`${name} without re`);
      return [{ ...value, flags: value.flags + FLAGS[name]! }];
    case 'base64':
      return [{ kind: 'pieces', pieces: [{ literal: bytesIn(value).toString('base64') }] }];
    case 'base64offset':
      // One byte has no steady part at the second offset: what is left is the empty text, as if nothing were written.
      return [0, 1, 2].map((offset) => {
        const literal = steadyPart(bytesIn(value), offset);
        return { kind: 'pieces', pieces: literal === '' ? [] : [{ literal }] };
      });
    case 'wide':
    case 'utf16le':
      return [{ kind: 'bytes', bytes: Buffer.from(bytesIn(value).toString('utf8'), 'utf16le') }];
    case 'utf16be':
      return [{ kind: 'bytes', bytes: Buffer.from(bytesIn(value).toString('utf8'), 'utf16le').swap16() }];
    case 'utf16':
      return [{ kind: 'bytes', bytes: Buffer.from(`\ufeff${bytesIn(value).toString('utf8')}`, 'utf16le') }];
    case 'windash':
      return withEveryDash(piecesIn(value)).map((pieces) => ({ kind: 'pieces', pieces }));
    case 'cidr':
      return [{ kind: 'network', network: String(written) }];
    case 'exists':
      return [{ kind: 'exists', expected: written === true }];
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return [{ kind: 'compare', how: name, limit: Number(written) }];
    case 'minute':
    case 'hour':
    case 'day':
    case 'week':
    case 'month':
    case 'year':
      return [{ kind: 'date', part: name, number: Number(written) }];
    case 'fieldref':
      return [{ kind: 'field', name: String(written), how: howOf(value) }];
    case 'expand':
      return expanded(value, written, placeholders);
    default:
      throw new Error(`unknown modifier ${name}`);
  }
}

/** `endswith|fieldref` says the same as `fieldref|endswith`: the stars that came before tell how to compare. */
function howOf(value: Wanted): 'equals' | 'contains' | 'startswith' | 'endswith' {
  const pieces = value.kind === 'pieces' ? value.pieces : [];
  const before = pieces[0] === '*';
  const after = pieces.length > 1 && pieces.at(-1) === '*';
  if (before && after) return 'contains';
  return before ? 'endswith' : after ? 'startswith' : 'equals';
}

export function piecesIn(value: Wanted): readonly Piece[] {
  if (value.kind === 'pieces') return value.pieces;
  if (value.kind === 'number') return piecesOf(String(value.number));
  if (value.kind === 'bytes') return [{ literal: value.bytes.toString('latin1') }];
  throw new Error(`${value.kind} has no text`);
}

const bytesIn = (value: Wanted): Buffer =>
  value.kind === 'bytes' ? value.bytes : Buffer.from(literalOf(piecesIn(value))!, 'utf8');

/** M-13: whole groups of six bits that lie inside the value. */
function steadyPart(bytes: Buffer, offset: number): string {
  const first = Math.ceil((offset * 8) / 6);
  const end = Math.floor(((offset + bytes.length) * 8) / 6);
  return Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .slice(first, end);
}

/** M-17: a `-` or `/` before a word character and not after one becomes each of the five dashes. */
function withEveryDash(pieces: readonly Piece[]): Piece[][] {
  const letterAt = (at: number) => {
    const piece = pieces[at];
    return typeof piece === 'object' && /[\p{L}\p{N}_]/u.test(piece.literal);
  };
  return pieces.reduce<Piece[][]>(
    (variants, piece, at) => {
      const isFlag =
        typeof piece === 'object' && '-/'.includes(piece.literal) && !letterAt(at - 1) && letterAt(at + 1);
      const choices = isFlag ? [...'-/–—―'].map((literal) => ({ literal })) : [piece];
      return variants.flatMap((variant) => choices.map((choice) => [...variant, choice]));
    },
    [[]],
  );
}

/** P-1, P-2: `%name%` becomes each of its values, `\%` is a percent sign. */
function expanded(value: Wanted, written: unknown, placeholders: Placeholders): Wanted[] {
  if (value.kind === 'regex') {
    const source = value.source.replace(/\\%|%([^%\s]+)%/g, (_, name: string | undefined) =>
      name === undefined
        ? '%'
        : `(?:${placeholders[name]!.map((one) => String(one).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`,
    );
    return [{ ...value, source }];
  }
  const pieces = piecesIn(value);
  // The value is one literal for each character here, so the placeholders are looked for in its text.
  const texts = String(written).split(/(\\%|%[^%\s]+%)/);
  const around =
    pieces.length > 0 && pieces[0] === '*' && !String(written).startsWith('*') ? pieces.slice(0, 1) : [];
  const behind = pieces.at(-1) === '*' && !/(^|[^\\])\*$/.test(String(written)) ? pieces.slice(-1) : [];
  let variants: Piece[][] = [[...around]];
  for (const text of texts) {
    const name = /^%([^%\s]+)%$/.exec(text)?.[1];
    const choices = text === '\\%' ? ['%'] : name === undefined ? [text] : placeholders[name]!.map(String);
    variants = variants.flatMap((variant) => choices.map((choice) => [...variant, ...piecesOf(choice)]));
  }
  return variants.map((variant) => ({ kind: 'pieces', pieces: [...variant, ...behind] }));
}
