/** One line of text being written: letters, and where the cursor stands. Pure. */

export interface Field {
  readonly letters: readonly string[];
  readonly at: number;
}

export const fieldOf = (text = ''): Field => ({ letters: [...text], at: [...text].length });
export const textOf = (field: Field): string => field.letters.join('');

const LIMIT = 4_000;

export function insert(field: Field, text: string): Field {
  const more = [...text].slice(0, LIMIT - field.letters.length);
  return {
    letters: [...field.letters.slice(0, field.at), ...more, ...field.letters.slice(field.at)],
    at: field.at + more.length,
  };
}

const removed = (field: Field, from: number, to: number): Field => ({
  letters: [...field.letters.slice(0, from), ...field.letters.slice(to)],
  at: from,
});

/** Editing keys; undefined when the key is none. */
export function edit(field: Field, key: string): Field | undefined {
  const { letters, at } = field;
  switch (key) {
    case 'left':
      return { letters, at: Math.max(0, at - 1) };
    case 'right':
      return { letters, at: Math.min(letters.length, at + 1) };
    case 'home':
      return { letters, at: 0 };
    case 'end':
      return { letters, at: letters.length };
    case 'backspace':
      return at === 0 ? field : removed(field, at - 1, at);
    case 'delete':
      return removed(field, at, at + 1);
    case 'ctrl-u':
      return removed(field, 0, at);
    case 'ctrl-w': {
      const before = letters
        .slice(0, at)
        .join('')
        .replace(/\S*\s*$/, '');
      return removed(field, [...before].length, at);
    }
    default:
      return undefined;
  }
}
