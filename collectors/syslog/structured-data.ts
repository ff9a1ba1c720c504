/** Reads the structured data of RFC 5424: `[id name="value" …][…]` or `-`. */

export interface StructuredData {
  elements?: Record<string, Record<string, string>>;
  /** What follows it. */
  rest: string;
}

const NAME = /[^\s="\]]{1,128}/y;
/** Inside a value `\"`, `\\` and `\]` are escapes; any other backslash is text. */
const VALUE = /"((?:[^"\\\]]|\\[\s\S])*)"/y;

/** The elements, or a sentence that says where they are wrong. */
export function structuredData(text: string): StructuredData | string {
  if (text === '-' || text.startsWith('- ')) return { rest: text.slice(1) };
  if (!text.startsWith('[')) return 'structured data must be "-" or "[id name=\\"value\\"]"';
  // Names come from outside: no prototype, so that `__proto__` is a name like any other.
  const elements: Record<string, Record<string, string>> = Object.create(null);
  let at = 0;
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (text[at] === '[') {
    at += 1;
    const id = read(NAME)?.[0];
    if (id === undefined) return `structured data has no id at character ${at + 1}`;
    const values: Record<string, string> = (elements[id] ??= Object.create(null) as Record<string, string>);
    while (text[at] === ' ') {
      at += 1;
      const name = read(NAME)?.[0];
      if (name === undefined || text[at] !== '=')
        return `structured data lacks name="value" at character ${at + 1}`;
      at += 1;
      const value = read(VALUE)?.[1];
      if (value === undefined) return `structured data has an unfinished value at character ${at + 1}`;
      values[name] = value.replace(/\\(["\\\]])/g, '$1');
    }
    if (text[at] !== ']') return `structured data is not closed at character ${at + 1}`;
    at += 1;
  }
  return { elements, rest: text.slice(at) };
}
