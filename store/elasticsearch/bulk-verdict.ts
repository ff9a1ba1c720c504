/** What the answer for one item of a bulk request means. */

export interface ItemAnswer {
  status?: number;
  error?: { type?: string; reason?: string | null; caused_by?: { reason?: string | null } };
  failure_store?: string;
  /** Of a document that replaces another. */
  _seq_no?: number;
  _primary_term?: number;
}

export type Verdict =
  | { kind: 'settled'; outcome: 'created' | 'exists' }
  /** The document can never be stored as it is. */
  | { kind: 'rejected'; reason: string }
  /** Send it again later. */
  | { kind: 'later'; cause: Error }
  /** The cluster refuses us or is not set up: sending again does not help, and the document is not to blame. */
  | { kind: 'refused'; cause: Error };

/** Answers with 400 for which the cluster is to blame, not the document: too many shards, an index closed, a wrong name. */
const NOT_THE_DOCUMENT = new Set([
  'validation_exception',
  'index_closed_exception',
  'invalid_index_name_exception',
  'cluster_block_exception',
]);

export function verdictOf(item: ItemAnswer | undefined): Verdict {
  const status = item?.status ?? 0;
  if (status >= 200 && status < 300) {
    // A failure store keeps what the mapping refused: stored, but not as an event that rules and searches can see.
    if (item?.failure_store === 'used')
      return { kind: 'rejected', reason: 'it went to the failure store of the index' };
    return { kind: 'settled', outcome: 'created' };
  }
  if (status === 409) return { kind: 'settled', outcome: 'exists' };
  const type = item?.error?.type ?? 'no answer for this item';
  const cause = new Error(`${status} ${type}: ${(item?.error?.reason ?? '').slice(0, 300)}`);
  if (status === 429 || status === 502 || status === 503 || status === 504) return { kind: 'later', cause };
  if (status === 400 && !NOT_THE_DOCUMENT.has(type)) {
    const detail = item?.error?.caused_by?.reason ?? item?.error?.reason ?? '';
    return { kind: 'rejected', reason: `${type}: ${detail.slice(0, 300)}` };
  }
  return { kind: 'refused', cause };
}
