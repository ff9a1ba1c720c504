/** The only road from outside text to a screen, a log line or a document: nothing is dropped, nothing can command a terminal. */

declare const shown: unique symbol;
/** Text that `visible` or a message catalogue made; screens take no other. */
export type Shown = string & { readonly [shown]: true };

/** C1 controls, format characters, private use, line and paragraph separators, surrogates alone, and letters that look blank. */
const HIDDEN =
  /[\u0080-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e007f}\p{Co}\p{Cs}]|\u034f|[\u17b4\u17b5]|[\u180b-\u180d\u180f]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu;
const COMBINING_RUN = /(\p{M}{2})(\p{M}+)/gu;
const CONTROL = /[\u0000-\u001f\u007f]/g;
const PLAIN = /^[ -~]*$/;

const mark = (text: string) =>
  [...text]
    .map((letter) => `⟨${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`)
    .join('');

/** C0 becomes control pictures (`␛`), DEL `␡`, hidden characters `⟨202E⟩`, three or more combining marks in a row `⟨+n⟩`. */
export function visible(text: string, limit = 2_000): Shown {
  const cut = text.length > limit ? text.slice(0, limit) : text;
  const clean = PLAIN.test(cut)
    ? cut
    : cut
        .replace(CONTROL, (control) =>
          control === '\u007f' ? '␡' : String.fromCharCode(0x2400 + control.charCodeAt(0)),
        )
        .replace(HIDDEN, mark)
        .replace(COMBINING_RUN, (_, kept: string, rest: string) => `${kept}⟨+${[...rest].length}⟩`);
  return (cut === text ? clean : `${clean}⟨more⟩`) as Shown;
}

/** A CSV cell that no spreadsheet takes for a formula. */
export const csvCell = (text: string): string => {
  const safe = visible(text, 32_000);
  const quoted = /^[=+\-@\t\r]/.test(text) ? `'${safe}` : safe;
  return /[",\n]/.test(quoted) ? `"${quoted.replaceAll('"', '""')}"` : quoted;
};

/** What JSON leaves as it is and a terminal would obey or hide: DEL, C1, format and direction characters. */
const UNSAFE =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** JSON on one line, the same value, safe to look at. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(UNSAFE, (letter) =>
    Array.from(
      { length: letter.length },
      (_, at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
