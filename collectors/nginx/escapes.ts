/** Undoes what nginx and browsers escape: `\x22` in combined logs, `%2e` in addresses. Linear time, never throws. */

const utf8 = new TextDecoder('utf-8');
const encoder = new TextEncoder();

/** `\xNN` of nginx's default escaping, byte by byte, so that UTF-8 letters come out whole. */
export function unescapeNginx(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/(?:\\x[0-9A-Fa-f]{2})+/g, (run) =>
    utf8.decode(Uint8Array.from(run.slice(2).split('\\x'), (pair) => Number.parseInt(pair, 16))),
  );
}

const percentDecoded = (text: string): string =>
  text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    utf8.decode(Uint8Array.from(run.slice(1).split('%'), (pair) => Number.parseInt(pair, 16))),
  );

/** Scanners encode twice to pass filters that decode once; more rounds would only help them. */
const ROUNDS = 3;

/** Path and query as the application may come to see them: percent signs undone up to three times, `+` as a blank, `%u0027` too. */
export function decodedUrl(url: string): string {
  let text = url;
  for (let round = 0; round < ROUNDS && text.includes('%'); round += 1) {
    const next = percentDecoded(
      text.replace(/%u([0-9A-Fa-f]{4})/g, (_found: string, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    );
    if (next === text) break;
    text = next;
  }
  return text.replaceAll('+', ' ');
}

/** How many bytes a text takes in UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).length;
