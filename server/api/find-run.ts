/** A run by its id or by the number that people use. */
import { equals } from '../../core/conditions/tree.ts';
import type { Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Store } from '../../core/store.ts';

export async function findRun({ documents }: Pick<Store, 'documents'>, reference: string): Promise<Run> {
  const byId = await documents.get('run', reference);
  if (byId) return byId.body;
  const { found } = await documents.find('run', { where: equals('number', reference), size: 1 });
  if (!found[0]) throw errors.notFound('run', reference);
  return found[0].body;
}
