import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions } from './index.ts';

const files = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts',
);

describe('the list of actions', () => {
  it('has every file of the folder, under the name that the id gives', () => {
    expect(actions.map(({ id }) => `${id.replace('.', '-')}.ts`).sort()).toEqual(files.sort());
  });

  it.each(actions.map((action) => [action.id, action] as const))(
    '%s describes each input',
    (_, { input }) => {
      const { properties } = input as { properties: Record<string, { description?: string }> };
      for (const property of Object.values(properties)) expect(property.description).toBeTruthy();
    },
  );

  it('says in the first line of each file what it is for', () => {
    for (const name of files)
      expect(readFileSync(join(import.meta.dirname, name), 'utf8')).toMatch(/^\/\*\*/);
  });
});
