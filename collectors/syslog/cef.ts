/** Reads the Common Event Format (ArcSight, "Implementing ArcSight Common Event Format", version 0): header with bars, then `key=value`. */

export interface Cef {
  vendor: string;
  product: string;
  version: string;
  /** Signature id. */
  id: string;
  name: string;
  severity: string;
  extension: Readonly<Record<string, string>>;
}

/** In the header `\|` and `\\` are escapes, in the extension `\=`, `\\`, `\n`. */
const HEADER =
  /CEF:\s?\d{1,2}\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|((?:[^|\\]|\\.)*)\|/;
const KEY = /(?:^|\s)([A-Za-z][\w.[\]-]{0,62})=/g;

const plain = (text: string): string => text.replace(/\\([\\|=])/g, '$1').replace(/\\n/g, '\n');

/** A value ends where the next key begins. */
function extensionOf(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  const keys = [...text.matchAll(KEY)];
  keys.forEach((found, index) => {
    const end = keys[index + 1]?.index ?? text.length;
    values[found[1]!] = plain(text.slice(found.index + found[0].length, end).trim());
  });
  return values;
}

/** The message, or undefined when it holds none. */
export function cef(text: string): Cef | undefined {
  const found = HEADER.exec(text);
  if (found === null) return undefined;
  const [vendor, product, version, id, name, severity] = found.slice(1).map((part) => plain(part)) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const extension = extensionOf(text.slice(found.index + found[0].length));
  return { vendor, product, version, id, name, severity, extension };
}
