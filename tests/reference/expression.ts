/** The condition of a rule (section 8 of the language), evaluated from its words by recursive descent. */

export const wordsOf = (condition: string): string[] => condition.match(/\(|\)|[^\s()]+/g) ?? [];

/** `holds` answers for one search identifier. */
export function evaluate(
  words: readonly string[],
  names: readonly string[],
  holds: (name: string) => boolean,
): boolean {
  let at = 0;
  const isNext = (word: string) => words[at]?.toLowerCase() === word;
  const either = (): boolean => {
    let result = both();
    while (isNext('or')) {
      at++;
      const right = both();
      result = result || right;
    }
    return result;
  };
  const both = (): boolean => {
    let result = negated();
    while (isNext('and')) {
      at++;
      const right = negated();
      result = result && right;
    }
    return result;
  };
  const negated = (): boolean => {
    if (!isNext('not')) return primary();
    at++;
    return !negated();
  };
  const primary = (): boolean => {
    const word = words[at++] ?? '';
    if (word === '(') {
      const result = either();
      at++;
      return result;
    }
    if (isNext('of') && /^(1|any|all)$/i.test(word)) {
      at++;
      const mine = targets(words[at++]!, names);
      return word.toLowerCase() === 'all' ? mine.every(holds) : mine.some(holds);
    }
    return holds(word);
  };
  return either();
}

/** C-4 to C-6, D-9. */
function targets(target: string, names: readonly string[]): string[] {
  if (target.toLowerCase() === 'them') return names.filter((name) => !name.startsWith('_'));
  const pattern = new RegExp(
    `^${target
      .split('*')
      .map((part) => part.replace(/\W/g, '\\$&'))
      .join('.*')}$`,
  );
  return names.filter((name) => pattern.test(name) && (target.startsWith('_') || !name.startsWith('_')));
}
