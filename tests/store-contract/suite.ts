/** The store contract: one suite for every implementation of `core/store.ts`. */
import { describe, expect, it } from 'vitest';
import { type MakeBed, useStore } from './bed.ts';
import { conditionsContract } from './conditions-contract.ts';
import { documentsContract } from './documents-contract.ts';
import { eventsContract } from './events-contract.ts';
import { feedContract } from './feed-contract.ts';
import { sampleEvents } from './samples.ts';

export function storeContract(name: string, makeBed: MakeBed): void {
  describe(`store contract: ${name}`, () => {
    eventsContract(makeBed);
    conditionsContract(makeBed);
    documentsContract(makeBed);
    feedContract(makeBed);

    describe('the store as a whole', () => {
      const used = useStore(makeBed);

      it('migrates again without harm, is healthy, and knows its size', async () => {
        const { store, bed } = used;
        await store.events.append(sampleEvents(7));
        await store.migrate();
        await bed.visible();
        const size = await store.size();
        expect(size.events).toBe(7);
        expect(size.bytes).toBeGreaterThan(1_000);
        expect((await store.health()).state).toBe('ok');
      });
    });
  });
}
