/** A store whose process dies at its n-th write of a document: that write and all later ones fail. */
import type { Store } from '../../core/store.ts';

export function dyingStore(store: Store, fatal: number): Store {
  let writes = 0;
  const alive = () => {
    if (++writes >= fatal) throw new Error('killed');
  };
  const { documents } = store;
  return {
    ...store,
    documents: {
      ...documents,
      async create(...given) {
        alive();
        return documents.create(...given);
      },
      async createMany(...given) {
        alive();
        return documents.createMany(...given);
      },
      async update(...given) {
        alive();
        return documents.update(...given);
      },
    },
  };
}
