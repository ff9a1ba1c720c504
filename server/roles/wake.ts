/** Wakes incidents that wait for somebody else when their time has come. */
import { and, equals } from '../../core/conditions/tree.ts';
import type { Parts } from '../parts.ts';

export async function wakeDue({ store, incidents, now }: Parts): Promise<void> {
  const due = and(equals('state', 'waiting'), {
    op: 'range',
    field: 'wakeAt',
    lte: new Date(now()).toISOString(),
  });
  const { found } = await store.documents.find('incident', { where: due, size: 100 });
  for (const { id } of found) await incidents.change(id, { kind: 'wake' }, { by: 'vigia' });
}
