/** Names of streams: ids of events are made from them, so they must not depend on what else lies there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourcesOf } from './sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-sources-'));
  mkdirSync(join(folder, 'b'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const touch = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), '');
};
const ids = async (...files: string[]) => {
  const paths = files.map((name) => join(folder, name));
  return (await sourcesOf({ id: 's', collector: 'samba-kdc', files: paths }, folder)).map(({ id }) => id);
};

describe('the streams of a source', () => {
  it('keep the id of the source for its only file, there or not yet', async () => {
    expect(await ids('a.log')).toEqual(['s']);
  });

  it('keep their names when more files appear in a folder', async () => {
    touch('b/x.log');
    expect(await ids('b')).toEqual(['s/x.log']);
    mkdirSync(join(folder, 'b', 'x'));
    touch('b/a.log', 'b/x/x.log');
    expect(await ids('b')).toEqual(['s/a.log', 's/x.log', 's/x/x.log']);
  });

  it('are told apart by as much of the path as is needed', async () => {
    touch('b/x.log');
    expect(await ids('a.log', 'x.log', 'b')).toEqual(['s/a.log', 's/x.log', 's/b/x.log']);
    expect(await ids('x.log', 'b/x.log')).toEqual([
      expect.stringMatching(/^s\/vigia-.+\/x\.log$/),
      's/b/x.log',
    ]);
  });

  it('include the spool of what is sent', async () => {
    const streams = await sourcesOf(
      { id: 's', collector: 'linux-syslog', listen: { tcp: '127.0.0.1:0' } },
      folder,
    );
    expect(streams.map(({ id }) => id)).toEqual(['s']);
  });

  it('include the API that is polled, beside files or alone', async () => {
    const activityApi = { tenant: 't', clientId: 'c', passwordEnv: 'VIGIA_M365_SECRET' };
    const settings = { id: 'm365', collector: 'office-audit', activityApi };
    expect((await sourcesOf(settings, folder)).map(({ id }) => id)).toEqual(['m365']);
    const both = await sourcesOf({ ...settings, files: [join(folder, 'a.jsonl')] }, folder);
    expect(both.map(({ id }) => id)).toEqual(['m365', 'm365/api']);
  });
});
