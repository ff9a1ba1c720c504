/** Reads and writes LDIF (RFC 2849), the text in which directories export their entries: `ldbsearch`, `ldifde`, `ldapsearch -LLL`. */
import { errors, type Problem } from '../core/errors.ts';

/** Values by attribute name as written in the file; all are bytes, because some are no text. */
export interface LdifEntry {
  readonly dn: string;
  readonly attributes: Map<string, Buffer[]>;
}

/** All mistakes at once, with their lines. Change records and values fetched from an address (`<`) are refused. */
export function readLdif(text: string, path: string): LdifEntry[] {
  const problems: Problem[] = [];
  const entries: LdifEntry[] = [];
  let entry: LdifEntry | undefined;
  for (const { line, content } of logicalLines(text)) {
    if (content === '') {
      entry = undefined;
      continue;
    }
    const [, name, kind, written] = /^([^:\s]+):([:<]?) *(.*)$/s.exec(content) ?? [];
    const wrong = (message: string, hint?: string) =>
      problems.push({ path, line, message, ...(hint === undefined ? {} : { hint }) });
    if (name === undefined || written === undefined) wrong('is no "attribute: value"');
    else if (kind === '<') wrong(`the value of ${name} lies in another file`, 'export it with its values');
    else if (name === 'changetype') wrong('is a change, not an entry', 'export entries');
    else {
      const value = Buffer.from(written, kind === ':' ? 'base64' : 'utf8');
      if (name.toLowerCase() === 'dn')
        entries.push((entry = { dn: value.toString(), attributes: new Map() }));
      else if (entry !== undefined)
        entry.attributes.set(name, [...(entry.attributes.get(name) ?? []), value]);
      else if (name !== 'version' && name !== 'ref')
        wrong(`${name} stands before the first "dn:" of its entry`);
    }
  }
  if (problems.length > 0) throw errors.invalid('directory export', problems);
  return entries;
}

export const writeLdif = (entries: readonly LdifEntry[]): string =>
  entries
    .map(({ dn, attributes }) =>
      [
        attributeLine('dn', Buffer.from(dn)),
        ...[...attributes].flatMap(([name, values]) => values.map((value) => attributeLine(name, value))),
        '',
      ].join('\n'),
    )
    .join('\n');

/** RFC 2849 SAFE-STRING; everything else is written in Base64. */
const attributeLine = (name: string, value: Buffer): string =>
  /^(?![ :<])[\x20-\x7e]*(?<! )$/.test(value.toString('latin1'))
    ? `${name}: ${value.toString('latin1')}`
    : `${name}:: ${value.toString('base64')}`;

/** Folded lines are put together again, comments left out. */
function* logicalLines(text: string): Generator<{ line: number; content: string }> {
  let held: { line: number; content: string } | undefined;
  for (const [index, written] of text.split('\n').entries()) {
    const content = written.endsWith('\r') ? written.slice(0, -1) : written;
    if (content.startsWith(' ') && held !== undefined && held.content !== '') {
      held.content += content.slice(1);
      continue;
    }
    if (held !== undefined && !held.content.startsWith('#')) yield held;
    held = { line: index + 1, content };
  }
  if (held !== undefined && !held.content.startsWith('#')) yield held;
}
