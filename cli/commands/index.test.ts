import { describe, expect, it } from 'vitest';
import { areas } from './index.ts';

describe('an area', () => {
  it.each(areas)(
    '$name loads commands that begin with its word, each with one summary',
    async ({ name, load }) => {
      const commands = await load();
      expect(commands.length).toBeGreaterThan(0);
      for (const one of commands) {
        expect(one.name.split(' ')[0]).toBe(name);
        // A command that is the whole area has the summary of the area; a second one could only differ from it.
        expect(one.summary === undefined).toBe(one.name === name);
      }
    },
  );

  it('stands in the table once', () => {
    expect(new Set(areas.map(({ name }) => name)).size).toBe(areas.length);
  });
});
