/** Writes that succeed only if the document is unchanged, also when the answer to the write is lost. */
import type { Client } from '@elastic/elasticsearch';
import { errors } from '../../core/errors.ts';
import { attempts, patient } from './backoff.ts';
import { isPassing, remoteError, remotely, statusOf } from './connection.ts';
import type { StoreFields } from './hidden.ts';

export interface VersionedWrite {
  index: string;
  id: string;
  /** Carries `write` under `vigia.store`. */
  source: object;
  /** Mark of this very write. */
  write: string;
  /** Undefined: the document must not exist yet. */
  version: string | undefined;
  /** Named in the conflict. */
  what: string;
}

export const versionOf = (place: { _seq_no?: number; _primary_term?: number }): string =>
  `${place._seq_no}.${place._primary_term}`;

/** Answers the new version; throws `errors.conflict` when the document is not at `version`. */
export async function writeAt(client: Client, write: VersionedWrite): Promise<string> {
  const pause = attempts(patient);
  for (let isResent = false; ; ) {
    try {
      return await send(client, write);
    } catch (cause) {
      if (statusOf(cause) === 409) return await afterConflict(client, write, isResent);
      if (!isPassing(cause) || !(await pause.wait())) throw remoteError(`write ${write.what}`, cause);
      isResent ||= statusOf(cause) !== 429;
    }
  }
}

async function send(client: Client, { index, id, source, version }: VersionedWrite): Promise<string> {
  const [seq, term] = (version ?? '').split('.').map(Number);
  const guard =
    version === undefined ? { op_type: 'create' as const } : { if_seq_no: seq!, if_primary_term: term! };
  const answer = await client.index({ index, id, document: source, ...guard }, { maxRetries: 0 });
  return versionOf(answer);
}

/** Is what stands there our own write, of which only the answer was lost? */
async function afterConflict(
  client: Client,
  { index, id, write, what }: VersionedWrite,
  isResent: boolean,
): Promise<string> {
  if (isResent) {
    const there = await remotely(`read ${what}`, () =>
      client.get<{ vigia?: { store?: StoreFields } }>({ index, id }, { ignore: [404] }),
    );
    if (there._source?.vigia?.store?.write === write) return versionOf(there);
  }
  throw errors.conflict(what);
}
