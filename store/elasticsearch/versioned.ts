/** Writes that succeed only if the document is unchanged, also when the answer to the write is lost. */
import type { Client } from '@elastic/elasticsearch';
import { errors } from '../../core/errors.ts';
import type { Version } from '../../core/store.ts';
import type { BulkWriter } from './bulk-writer.ts';
import { remotely } from './connection.ts';
import type { StoreFields } from './hidden.ts';

export interface VersionedWrite {
  index: string;
  id: string;
  /** Carries `write` under `vigia.store`. */
  source: object;
  /** Mark of this very write. */
  write: string;
  /** Undefined: the document must not exist yet. */
  version: Version | undefined;
  /** Named in the conflict. */
  what: string;
}

export const versionOf = (place: { _seq_no?: number; _primary_term?: number }): Version =>
  `${place._seq_no}.${place._primary_term}`;

/** What makes a request succeed only at this version. */
export function guardOf(version: Version): { if_seq_no: number; if_primary_term: number } {
  const [seq, term] = version.split('.').map(Number);
  return { if_seq_no: seq!, if_primary_term: term! };
}

export const unstorable = (what: string, reason: string): Error =>
  errors.remote('Elasticsearch', `store ${what}`, reason, 'the document is too large or malformed');

/** The version of what replaced another, undefined of what is new; throws `errors.conflict` when the document is not at `version`. */
export async function writeAt(
  client: Client,
  writer: BulkWriter,
  { index, id, source, write, version, what }: VersionedWrite,
): Promise<Version | undefined> {
  const item = { index, id, source: JSON.stringify(source), ...(version === undefined ? {} : { version }) };
  const [answer] = await writer.write([item]);
  const outcome = answer!;
  if (outcome.outcome === 'created') return undefined;
  if (outcome.outcome === 'replaced') return outcome.version;
  if (outcome.outcome === 'rejected') throw unstorable(what, outcome.reason);
  // Is what stands there our own write, of which only the answer was lost?
  if (outcome.resent) {
    const there = await remotely(`read ${what}`, () =>
      client.get<{ vigia?: { store?: StoreFields } }>({ index, id }, { ignore: [404] }),
    );
    if (there._source?.vigia?.store?.write === write) return versionOf(there);
  }
  throw errors.conflict(what);
}
