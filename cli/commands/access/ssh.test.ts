import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Access } from '../../../core/documents.ts';
import { findAll } from '../../../core/find-all.ts';
import { buildApi } from '../../../server/api/app.ts';
import { compose } from '../../../server/compose.ts';
import type { Parts } from '../../../server/parts.ts';
import { readSettings } from '../../../server/settings.ts';
import { keyPair } from '../../../tests/testbed/key-pair.ts';
import { need } from '../../../tests/testbed/need.ts';
import type { Api } from '../../api.ts';
import type { Context } from '../../command.ts';
import { ssh } from './ssh.ts';

const bed = await need('host');

bed.describe('vigia access ssh', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-ssh-'));
  const notes: string[] = [];
  let parts: Parts;
  let app: FastifyInstance;
  let access: Access;
  const tokens: Record<string, string> = {};
  const pair = keyPair();

  beforeAll(async () => {
    writeFileSync(join(folder, 'key'), pair.private, { mode: 0o600 });
    parts = await compose(
      { ...readSettings(undefined, { VIGIA_STATE: folder }), targets: { web1: bed.component.settings } },
      { log: pino({ level: 'silent' }) },
    );
    app = await buildApi(parts);
    for (const user of ['rita', 'nuno', 'olga'])
      tokens[user] = (await parts.tokens.create(user, user === 'olga' ? ['approver'] : ['viewer'], 1)).token;
    await bed.component.run(['useradd', '--create-home', '--shell', '/bin/sh', 'gate-ops']);
    const asked = await parts.access.request(
      { system: 'web1', role: 'gate-ops', why: 'restart', minutes: 30, key: pair.public },
      'rita',
    );
    await parts.access.approve(asked.id, { by: 'olga', roles: ['approver'], planHash: asked.planHash });
    access = await parts.access.advance(asked.id);
  });
  afterAll(async () => {
    await app?.close();
    await parts?.close();
    rmSync(folder, { recursive: true });
  });

  const contextOf = (who: string): Context => {
    const send = async (method: 'GET' | 'POST', url: string, payload?: unknown) => {
      const headers = { authorization: `Bearer ${tokens[who]}` };
      const answer = await app.inject({
        method,
        url,
        headers,
        ...(payload ? { payload: payload as object } : {}),
      });
      if (answer.statusCode >= 400) throw new Error(answer.json().error.message);
      return answer.json();
    };
    // What the command uses of the API.
    const api = {
      get: (url: string) => send('GET', url),
      post: (url: string, body: unknown) => send('POST', url, body),
    } as Api;
    return {
      api: async () => api,
      settingsFile: undefined,
      json: true,
      print: () => undefined,
      note: (line) => void notes.push(line),
      signal: new AbortController().signal,
    };
  };
  const run = (who: string, ...words: string[]) =>
    ssh.run(
      [access.id, ...words],
      { identity: join(folder, 'key'), recordings: join(folder, 'casts') },
      contextOf(who),
    );
  const linesOf = (file: string) =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('records what the terminal shows, and its hash is in the journal and in the audit trail', async () => {
    const { data, exitCode } = await run('rita', 'echo', 'hello; tput cols 2>/dev/null; exit 3');
    expect(exitCode).toBe(1);
    const { recording } = data as { recording: { file: string; sha256: string; bytes: number } };
    const content = readFileSync(recording.file);
    expect(recording).toMatchObject({
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    const [header, ...events] = linesOf(recording.file);
    expect(header).toMatchObject({
      version: 2,
      width: 80,
      height: 24,
      title: expect.stringContaining(access.id),
    });
    expect(events.map(([, code, text]) => `${code} ${text}`).join('')).toContain('o hello\r\n');
    const { recordings } = await parts.access.get(access.id);
    expect(recordings).toEqual([
      expect.objectContaining({ by: 'rita', sha256: recording.sha256, to: expect.any(String) }),
    ]);
    const trail = await findAll(parts.store.documents, 'audit');
    expect(trail.map(({ body }) => [body.action, body.details['sha256']])).toContainEqual([
      'access.session-ended',
      recording.sha256,
    ]);
    const journal = (await parts.access.journal(access.id)).map(({ entry }) => entry);
    expect(journal.slice(-2)).toEqual(['session-started', 'session-ended']);
  });

  it('is for the holder alone', async () => {
    await expect(run('nuno', 'id')).rejects.toThrow(/is rita's, not nuno's/);
  });

  it('ends with the access, and the recording is closed', async () => {
    const session = run('rita', 'echo begun; sleep 600');
    await expect.poll(() => notes.length, { timeout: 30_000 }).toBeGreaterThan(1);
    const file = /recorded into (\S+);/.exec(notes.at(-1)!)![1]!;
    await expect.poll(() => linesOf(file).length, { timeout: 30_000 }).toBeGreaterThan(1);
    await parts.access.takeBack(access.id, { by: 'olga', roles: ['approver'], reason: 'enough' });
    expect(await parts.access.advance(access.id)).toMatchObject({
      state: 'ended',
      ended: { proof: { sessions: { outcome: 'proven' } } },
    });
    expect((await session).exitCode).toBe(1);
    const { recordings } = await parts.access.get(access.id);
    expect(recordings.map(({ sha256 }) => typeof sha256)).toEqual(['string', 'string']);
    await expect(run('rita', 'id')).rejects.toThrow(/is ended/);
  });
});
