/** One object of a directory, as its client hands it out. */
import type { Entry } from 'ldapts';
import { errors } from '../core/errors.ts';

/** Attribute names ignore letter case. */
export interface DirectoryEntry {
  readonly dn: string;
  /** Stays the same through renames and moves: `d4d90a37-2acc-…`. */
  readonly guid: string;
  texts(attribute: string): string[];
  text(attribute: string): string | undefined;
  bytes(attribute: string): Buffer[];
}

export function entryOf(entry: Entry): DirectoryEntry {
  const byName = new Map(Object.entries(entry).map(([name, value]) => [name.toLowerCase(), value]));
  const values = (attribute: string): (string | Buffer)[] => {
    const name = attribute.toLowerCase();
    // A server that has more values than it likes to send answers under another name, with the first of them only.
    if ([...byName.keys()].some((each) => each.startsWith(`${name};range=`)))
      throw errors.refused(`${entry.dn} has more values of ${attribute} than the directory sends at once`);
    const value = byName.get(name);
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  const texts = (attribute: string) => values(attribute).map(String);
  const bytes = (attribute: string) =>
    values(attribute).map((value) => (typeof value === 'string' ? Buffer.from(value) : value));
  return {
    dn: entry.dn,
    guid: guidText(bytes('objectGUID')[0]),
    texts,
    text: (name) => texts(name)[0],
    bytes,
  };
}

/** The first three groups of a GUID are stored with their bytes turned round. */
function guidText(bytes: Buffer | undefined): string {
  if (bytes?.length !== 16) return '';
  const hex = (from: number, to: number, turned: boolean) => {
    const part = Buffer.from(bytes.subarray(from, to));
    return (turned ? part.reverse() : part).toString('hex');
  };
  return [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)].join('-');
}
