/** Where the key for pseudonyms comes from, and that it reaches what is stored. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compose } from './compose.ts';
import { importOnce } from './import-once.ts';
import { pseudonymOf } from './pseudonym.ts';
import { readSettings } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-pseudonym-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const KEY = 'k'.repeat(64);

describe('the key for pseudonyms', () => {
  it('comes from a file or the environment, and gives the same pseudonym from both', () => {
    const fromFile = pseudonymOf({ privacy: { keyFile: put('key', `${KEY}\n`) } });
    const fromEnv = pseudonymOf({ privacy: { keyEnv: 'KEY' } }, { KEY });
    expect(fromFile!('nif', '123456789')).toBe(fromEnv!('nif', '123456789'));
    expect(pseudonymOf({})).toBeUndefined();
  });

  it('is refused when it is missing or short, without being named', () => {
    expect(() => pseudonymOf({ privacy: { keyEnv: 'KEY' } }, {})).toThrow(/variable KEY has 0 characters/);
    expect(() => pseudonymOf({ privacy: { keyFile: join(folder, 'none') } })).toThrow(/cannot be read/);
    const short = () => pseudonymOf({ privacy: { keyFile: put('key', 'sh0rt') } });
    expect(short).toThrow(/has 5 characters/);
    expect(short).not.toThrow(/sh0rt/);
  });

  it('reaches what is stored: identifiers can be searched for, and are not there', async () => {
    put(
      'app.log',
      '2026-03-04T10:00:00.123Z  INFO 7 --- [main] a.B : Beneficiary record read niss=11234567892\n',
    );
    put('key', KEY);
    const settings = readSettings(
      put('vigia.yml', 'state: state\nprivacy: { keyFile: key }\nretentionDays: 3650\n'),
      {},
    );
    const parts = await compose(settings, { now: () => Date.parse('2026-03-05T00:00:00Z') });
    try {
      await importOnce(
        parts,
        [{ id: 'app', collector: 'java-application', files: [join(folder, 'app.log')] }],
        { signal: new AbortController().signal, progress: () => undefined },
      );
      const { events } = await parts.store.events.read({ size: 10 });
      expect(events).toHaveLength(1);
      expect(JSON.stringify(events)).not.toContain('11234567892');
      const subject = pseudonymOf(settings)!('niss', '11234567892');
      expect(events[0]!.message).toBe(`Beneficiary record read niss=${subject}`);
    } finally {
      await parts.settled();
      await parts.close();
    }
  });
});
