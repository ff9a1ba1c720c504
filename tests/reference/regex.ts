/** Sigma's `re`: writes a regular expression of the PCRE and RE2 family as one that JavaScript reads with its `u` flag. */

const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: '\\t\\n\\f\\r ' };

/** M-8 to M-11: found anywhere in the text; letter case matters unless `i`. */
export function regexTest(source: string, flags: string): (text: string) => boolean {
  const expression = translated(source, flags);
  return (text) => expression.test(text);
}

/** The same as an expression of JavaScript. */
export function translated(source: string, flags: string): RegExp {
  const [, inline = '', pattern = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(source)!;
  const all = flags + inline;
  return new RegExp(translate(pattern, all), all.includes('i') ? 'iu' : 'u');
}

function translate(pattern: string, flags: string): string {
  let out = '';
  let isInClass = false;
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    const rest = characters.slice(at).join('');
    if (character === '\\') out += escaped(characters[++at] ?? '\\', isInClass);
    else if (isInClass) {
      if (character === ']') isInClass = false;
      out += '[/'.includes(character) ? `\\${character}` : character;
    } else if (character === '[') {
      isInClass = true;
      out += '[';
      if (characters[at + 1] === '^') out += characters[++at];
      // A bracket that comes first stands for itself.
      if (characters[at + 1] === ']') out += `\\${characters[++at]}`;
    } else if (character === '.') out += flags.includes('s') ? '[^]' : '[^\\n]';
    else if (character === '^' && flags.includes('m')) out += '(?:^|(?<=\\n))';
    else if (character === '$' && flags.includes('m')) out += '(?:$|(?=\\n))';
    else if (character === '{' && !/^\{\d+(,\d*)?\}/.test(rest)) out += '\\{';
    else if (character === '{') {
      out += /^\{[^}]*\}/.exec(rest)![0];
      at += rest.indexOf('}');
    } else out += ']}'.includes(character) ? `\\${character}` : character;
  }
  return out;
}

function escaped(character: string, isInClass: boolean): string {
  const members = CLASSES[character];
  if (members !== undefined) return isInClass ? members : `[${members}]`;
  const others = CLASSES[character.toLowerCase()];
  if (others !== undefined && !isInClass) return `[^${others}]`;
  if (/[bBnrtfvxDWS]/.test(character)) return `\\${character}`;
  if (character === 'A') return '^';
  if (character === 'z') return '$';
  return /[\\^$.*+?()[\]{}|/-]/.test(character) && !(character === '-' && !isInClass)
    ? `\\${character}`
    : character;
}
