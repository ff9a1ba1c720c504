/** How a record is cut into named values, for every format that needs no pattern. A string says why it cannot be. */
import { pairsOf } from '../application/pairs.ts';
import { flatValues } from '../json/flat-values.ts';
import { parseObject } from '../json/parse-object.ts';

export type Values = Record<string, string>;
export type Splitter = (text: string) => Values | string;

export const jsonValues: Splitter = (text) => {
  const parsed = parseObject(text);
  return typeof parsed === 'string' ? parsed : Object.fromEntries(flatValues(parsed));
};

export const logfmtValues: Splitter = (text) => {
  const values = pairsOf(text, 256);
  return Object.keys(values).length === 0 ? 'record has no name=value' : values;
};

/** Fields of one line, RFC 4180: quotes around a field, doubled inside. */
export function csvFields(line: string, separator: string): string[] | string {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] !== '"') {
      const next = line.indexOf(separator, at);
      const end = next < 0 ? line.length : next;
      fields.push(line.slice(at, end));
      at = end + separator.length;
      continue;
    }
    let field = '';
    let from = at + 1;
    for (;;) {
      const quote = line.indexOf('"', from);
      if (quote < 0) return `the quote at character ${at + 1} is not closed`;
      field += line.slice(from, quote);
      at = quote + 1;
      if (line[at] !== '"') break;
      field += '"';
      from = at + 1;
    }
    if (at < line.length && !line.startsWith(separator, at))
      return `text follows the closing quote at character ${at}`;
    fields.push(field);
    at += separator.length;
  }
  return fields;
}

export const csvValues =
  (columns: readonly string[], separator: string): Splitter =>
  (text) => {
    const fields = csvFields(text, separator);
    if (typeof fields === 'string') return fields;
    if (fields.length !== columns.length)
      return `record has ${fields.length} columns, the description names ${columns.length}`;
    return Object.fromEntries(
      columns.flatMap((name, at) => (fields[at] === '' ? [] : [[name, fields[at]!]])),
    );
  };

/** The first `count` parts between unescaped bars, and what follows them. */
function header(text: string, count: number): { parts: string[]; rest: string } | undefined {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '\\' && (text[at + 1] === '|' || text[at + 1] === '\\')) {
      at += 1;
      part += text[at]!;
    } else if (letter === '|') {
      parts.push(part);
      part = '';
      if (parts.length === count) return { parts, rest: text.slice(at + 1) };
    } else part += letter;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
const unescaped = (text: string) =>
  text.replace(/\\(.)/g, (_all, letter: string) => ESCAPES[letter] ?? letter);

const MAX_EXTENSIONS = 256;

/** `key=value with blanks key=value`: a value ends where the next key begins. */
function cefExtension(text: string): Values {
  const values: Values = {};
  const keys = [...text.matchAll(/(?:^|\s)([\w.-]{1,128}(?:\[\d{1,4}\])?)=/g)].slice(0, MAX_EXTENSIONS);
  for (const [index, key] of keys.entries()) {
    const value = text.slice(key.index + key[0].length, keys[index + 1]?.index ?? text.length).trimEnd();
    if (value !== '' && !Object.hasOwn(values, key[1]!)) values[key[1]!] = unescaped(value);
  }
  return values;
}

const CEF_HEADER = ['vendor', 'product', 'version', 'signature', 'name', 'severity'];
const withPrefix = (prefix: string): Values => (prefix === '' ? {} : { prefix });

/** Common event format; a syslog header before it becomes `prefix`. */
export const cefValues: Splitter = (text) => {
  const [, prefix, body] = /^([^\n]{0,512}?)CEF:\s?\d{1,2}\|([\s\S]*)$/.exec(text) ?? [];
  const head = body === undefined ? undefined : header(body, CEF_HEADER.length);
  if (head === undefined) return 'record has no CEF header: CEF:0|vendor|product|version|id|name|severity|';
  return {
    ...withPrefix(prefix!.trim()),
    ...Object.fromEntries(CEF_HEADER.map((name, at) => [name, head.parts[at]!])),
    ...cefExtension(head.rest),
  };
};

const LEEF_HEADER = ['vendor', 'product', 'version', 'signature'];

/** Log event extended format 1.0 and 2.0 (which may name its own separator). */
export const leefValues: Splitter = (text) => {
  const [, prefix, version, body] = /^([^\n]{0,512}?)LEEF:([12])\.0\|([\s\S]*)$/.exec(text) ?? [];
  const head = body === undefined ? undefined : header(body, version === '2' ? 5 : 4);
  if (head === undefined) return 'record has no LEEF header: LEEF:1.0|vendor|product|version|id|';
  const written = head.parts[4] ?? '';
  const code = /^(?:0x|x)([0-9A-Fa-f]{2,4})$/.exec(written)?.[1];
  const separator = code === undefined ? written || '\t' : String.fromCharCode(Number.parseInt(code, 16));
  const values: Values = {
    ...withPrefix(prefix!.trim()),
    ...Object.fromEntries(LEEF_HEADER.map((name, at) => [name, head.parts[at]!])),
  };
  for (const pair of head.rest.split(separator).slice(0, MAX_EXTENSIONS)) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals > 0 && pair.length > equals + 1 && !Object.hasOwn(values, name))
      values[name] = pair.slice(equals + 1);
  }
  return values;
};
