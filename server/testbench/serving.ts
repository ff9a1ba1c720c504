/** The API on an embedded store of its own, with recorded events in it, lamps to switch off and a token for every role. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Role } from '../../core/documents.ts';
import { personConfirm } from '../../playbooks/actions/person-confirm.ts';
import { type Lamps, makeLamps } from '../../playbooks/testbench/lamps.ts';
import { buildApi } from '../api/app.ts';
import { compose } from '../compose.ts';
import { importOnce } from '../import-once.ts';
import type { Parts } from '../parts.ts';
import { readSettings, type Settings, type SourceSettings, shipped } from '../settings.ts';
import { ROLES } from '../tokens.ts';

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  // The tests say what they expect of it.
  body: Record<string, unknown>;
}

export interface Serving {
  parts: Parts;
  app: FastifyInstance;
  lamps: Lamps;
  folder: string;
  /** One person per role, named after it, and any further that `person` made. */
  tokens: Record<string, string>;
  person(user: string, roles: readonly Role[]): Promise<void>;
  /** As the person with that name; `undefined` sends no token. */
  call(
    who: string | undefined,
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload?: unknown,
  ): Promise<Answer>;
  /** Reads files through the normal pipeline. */
  ingest(...sources: SourceSettings[]): Promise<void>;
  /** Moves the clock of everything but the store. */
  wait(ms: number): void;
  close(): Promise<void>;
}

/** One person adds another to a privileged group, and more: enough for incidents. */
export const recorded = (name: 'group' | 'dsdb' | 'password'): SourceSettings => ({
  id: `dc1-${name}`,
  collector: 'samba-audit',
  host: 'dc1',
  files: [shipped('demo', 'samples', 'samba-ad', `${name}.jsonl`)],
});

export async function openServing(more: Partial<Settings> = {}): Promise<Serving> {
  const folder = await mkdtemp(join(tmpdir(), 'vigia-server-'));
  const lamps = makeLamps(['hall', 'stairs']);
  let waited = 0;
  const settings = { ...readSettings(undefined, { VIGIA_STATE: folder }), retentionDays: 3_650, ...more };
  const parts = await compose(settings, {
    now: () => Date.now() + waited,
    log: pino({ level: 'silent' }),
    playbooks: {
      actions: [lamps.action, lamps.asking, personConfirm],
      flowsFolder: shipped('playbooks', 'testdata', 'flows'),
    },
  });
  const app = await buildApi(parts);
  const serving: Serving = {
    parts,
    app,
    lamps,
    folder,
    tokens: {},
    async person(user, roles) {
      serving.tokens[user] = (await parts.tokens.create(user, roles, 1)).token;
    },
    async call(who, method, url, payload) {
      const answer = await app.inject({
        method,
        url,
        headers: who === undefined ? {} : { authorization: `Bearer ${serving.tokens[who] ?? who}` },
        ...(payload === undefined ? {} : { payload: payload as object }),
      });
      const isJson = /json/.test(String(answer.headers['content-type']));
      const body = isJson ? (JSON.parse(answer.payload) as Answer['body']) : {};
      return { status: answer.statusCode, headers: answer.headers, text: answer.payload, body };
    },
    async ingest(...sources) {
      await importOnce(parts, sources, { signal: new AbortController().signal, progress: () => undefined });
    },
    wait(ms) {
      waited += ms;
    },
    async close() {
      await app.close();
      await parts.close();
      await rm(folder, { recursive: true });
    },
  };
  for (const role of ROLES) await serving.person(role, [role]);
  return serving;
}
