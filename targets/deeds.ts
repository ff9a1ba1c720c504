/** Keeps what Vigia is about to do on a target before it is sent, so that rules know the events of it from anybody else's. */
import { randomUUID } from 'node:crypto';
import { CALL_MS } from '../core/deeds.ts';
import type { Deed } from '../core/documents.ts';
import type { Store } from '../core/store.ts';
import type { ChangeCalls } from './calls.ts';
import type { TargetsSettings } from './settings.ts';
import { namesOfSystem } from './system-names.ts';

interface Keeping {
  readonly store: { readonly documents: Pick<Store['documents'], 'create'> };
  readonly targets: TargetsSettings;
  now(): number;
}

/** Nothing is sent whose deed could not be kept. A deed without its call explains nothing that anybody else did. */
export const keepingDeeds = (
  { store, targets, now }: Keeping,
  under: string,
  calls: ChangeCalls,
): ChangeCalls => ({
  async before(call, shown) {
    if (shown !== undefined) {
      const [system = shown.system, ...also] = namesOfSystem(targets, shown.system);
      const at = now();
      const deed: Deed = {
        under,
        by: [...shown.by],
        system,
        ...(also.length > 0 ? { also } : {}),
        from: new Date(at).toISOString(),
        to: new Date(at + CALL_MS).toISOString(),
        shows: [...shown.changes],
      };
      await store.documents.create('deed', randomUUID(), deed);
    }
    await calls.before(call, shown);
  },
  after: (call) => calls.after(call),
});
