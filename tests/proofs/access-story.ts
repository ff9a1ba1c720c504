/** One access from the request to its proven end, driven by whoever is alive: what tests and proofs cut into pieces. */
import { type AccessDesk, type Ask, LEASE_MS } from '../../access/index.ts';
import { equals } from '../../core/conditions/tree.ts';
import type { Access } from '../../core/documents.ts';
import { findAll } from '../../core/find-all.ts';
import type { Store } from '../../core/store.ts';

export type StoryAsk = Ask & { readonly account: string };

/** A start that was never sent is not repeated: then somebody asks anew. */
const REQUESTS = 2;
/** Further than any story goes; an access that never comes to its end must not hang the proof. */
const MOST_TURNS = 60;
const MINUTE_MS = 60_000;

/** `skip` moves the clock: past the lease of a dead process, past the end of the access. */
export async function tellStory(
  desk: AccessDesk,
  documents: Store['documents'],
  ask: StoryAsk,
  skip: (ms: number) => void,
): Promise<Access> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const asked = await requestsOf(documents, ask);
    const last = asked.at(-1);
    if (last === undefined || (last.state === 'failed' && asked.length < REQUESTS)) {
      await desk.request(ask, 'rita');
      continue;
    }
    if (last.state === 'ended' || last.state === 'failed') return last;
    if (last.state === 'waiting')
      await desk.approve(last.id, { by: 'olga', roles: ['approver'], planHash: last.planHash });
    else {
      if (last.state === 'active') skip(ask.minutes * MINUTE_MS);
      if (last.state === 'ending') skip(MINUTE_MS);
      const after = await desk.advance(last.id);
      // A dead process may hold it still.
      if (after.state === last.state) skip(LEASE_MS);
    }
  }
  throw new Error(`the access of ${ask.account} did not come to its end`);
}

export const requestsOf = async (documents: Store['documents'], { account }: StoryAsk): Promise<Access[]> =>
  (await findAll(documents, 'access', { where: equals('account', account), sort: ['requested'] })).map(
    ({ body }) => body,
  );

/** Calls that were started and about which nobody ever wrote down what became of them. */
export async function lostReceipts(documents: Store['documents']): Promise<number> {
  const entries = (await findAll(documents, 'journal')).map(({ body }) => body);
  const receipts = new Set(entries.filter(({ entry }) => entry === 'receipt').map(({ key }) => key));
  return entries.filter(({ entry, key }) => entry === 'step-started' && !receipts.has(key)).length;
}
