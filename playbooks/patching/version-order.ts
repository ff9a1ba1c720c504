/** Which of two package versions is newer, as Debian's policy manual orders them (5.6.12); near enough for those of RPM. */

/** Below zero: `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return (
    left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)) || 0,
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** By turns what is no number and what is one, from the left. */
function compareParts(a: string, b: string): number {
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i]!)) || (j < b.length && !isDigit(b[j]!))) {
      const order = weight(a[i]) - weight(b[j]);
      if (order !== 0) return order;
      i += 1;
      j += 1;
    }
    const [first, second] = [digits(a, i), digits(b, j)];
    i += first.length;
    j += second.length;
    const order = compareNumbers(first, second);
    if (order !== 0) return order;
  }
  return 0;
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

/** A tilde before everything, even the end; then the end, a digit; letters before the other characters. */
function weight(character: string | undefined): number {
  if (character === '~') return -1;
  if (character === undefined || isDigit(character)) return 0;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

function digits(text: string, from: number): string {
  let end = from;
  while (end < text.length && isDigit(text[end]!)) end += 1;
  return text.slice(from, end);
}

/** As text: a version may hold more digits than a number does. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
