import { expect, it } from 'vitest';
import type { Access } from '../../core/documents.ts';
import { advanceDue } from './advance-access.ts';

it('asks a target that is in trouble once a round, and the others as if nothing were', async () => {
  const asked: string[] = [];
  const trouble = { at: '', detail: 'no answer', next: '' };
  const due = ['down 1', 'up 1', 'down 2', 'up 2'].map((id) => ({ id, system: id.split(' ')[0] }) as Access);
  await advanceDue({
    access: {
      due: async () => due,
      async advance(id) {
        asked.push(id);
        return (id.startsWith('down') ? { trouble } : {}) as Access;
      },
    },
  });
  expect(asked.sort()).toEqual(['down 1', 'up 1', 'up 2']);
});
