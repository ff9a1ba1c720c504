/** How a source finds its description, and what is said where it does not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';
import { sourcesOf } from './sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-described-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const settingsOf = (source: string) => () =>
  readSettings(put('vigia.yml', `sources: [{ id: a, files: [a.log], ${source} }]\n`), {});
const titles = async (source: string) =>
  (await sourcesOf(settingsOf(source)().sources[0]!, folder)).map(({ collector }) => collector.title);

describe('a described source', () => {
  it('takes a description that ships by its name, or a file beside the settings', async () => {
    expect(await titles('collector: described, description: apache-error')).toEqual(['Apache error log']);
    put(
      'mine.yml',
      'title: Mine\ndataset: a.b\nformat: json\nfields: { message: m }\nsamples: [{ record: x, reject: x }]\n',
    );
    expect(await titles('collector: described, description: ./mine.yml')).toEqual(['Mine']);
  });

  it.each([
    ['collector: described', /:1:\d+ collector described needs a description; add description/],
    ['collector: nginx-access, description: apache-error', /takes no description/],
  ])('%s is refused with its place', (source, message) => {
    expect(settingsOf(source)).toThrow(message);
  });

  it('names what is wrong with a description', async () => {
    put('mine.yml', 'title: Mine\n');
    await expect(titles('collector: described, description: ./mine.yml')).rejects.toThrow(
      /mine\.yml:1:1 the document lacks the key "dataset"/,
    );
    await expect(titles('collector: described, description: apache-eror')).rejects.toMatchObject({
      hint: 'did you mean "apache-error"?',
    });
    await expect(titles('collector: described, description: ./none.yml')).rejects.toThrow(/cannot be read/);
  });
});
