/** Named values in a message: `user=ana rows=12 reason="no such role"`. Bounded in number and length; the first of a name wins. */

const MAX_PAIRS = 64;
/** A quoted value or a word; nothing open-ended, so that hostile text takes linear time. */
const PAIR =
  /(?<![\w.-])([A-Za-z][\w.-]{0,63})=(?:"((?:[^"\\]|\\.){0,1024})"|'([^']{0,1024})'|([^\s,;]{0,1024}))/g;

export function pairsOf(message: string, most = MAX_PAIRS): Record<string, string> {
  const pairs: Record<string, string> = {};
  let count = 0;
  for (const [, name, double, single, word] of message.matchAll(PAIR)) {
    if (count >= most) break;
    count += 1;
    const value = double?.replace(/\\(.)/g, '$1') ?? single ?? word ?? '';
    if (value !== '' && !Object.hasOwn(pairs, name!)) pairs[name!] = value;
  }
  return pairs;
}
