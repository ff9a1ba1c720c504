import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KINDS, type Run } from '../core/documents.ts';
import { type Containment, containment } from '../tests/proofs/containment.ts';
import { type LinuxHost, startHost } from '../tests/testbed/host.ts';
import { need, needInstalled } from '../tests/testbed/need.ts';
import { buildApi } from './api/app.ts';
import { compose } from './compose.ts';
import { doctor } from './doctor.ts';
import type { Parts } from './parts.ts';
import { report } from './report.ts';
import { readSettings } from './settings.ts';

const samba = await need('samba');
const postgres = await need('postgres');
// Of its own: it is isolated here.
const host = await needInstalled('host');
const slow = { timeout: 180_000 };

/** Everything that Vigia wrote or said, by where; secrets are planted at every place that it reads. */
samba.describe('secrets, planted in directory, database, host and settings', () =>
  postgres.describe('of real targets', () =>
    host.describe('with a real host', () => {
      const folder = mkdtempSync(join(tmpdir(), 'vigia-secrets-'));
      const said: Record<string, string> = {};
      const hear = (where: string, what: string) => {
        said[where] = `${said[where] ?? ''}${what}\n`;
      };
      let bed: Containment;
      let linux: LinuxHost;
      let parts: Parts;
      let app: FastifyInstance;
      const secrets: Record<string, string> = {};
      const tokens: Record<string, string> = {};

      beforeAll(async () => {
        bed = await containment(samba.component, postgres.component, 'secrets');
        linux = await startHost();
        const wrongFile = join(folder, 'wrong-password');
        writeFileSync(wrongFile, 'Va1-wrong-password\n', { mode: 0o600 });
        const { directory, postgresql } = bed.targets;
        const { url, bindDn } = directory;
        const ca = directory.caFile === undefined ? {} : { caFile: directory.caFile };
        const settings = {
          ...readSettings(undefined, { VIGIA_STATE: join(folder, 'state') }),
          targets: {
            directory,
            postgresql,
            web1: linux.settings,
            'wrong-directory': {
              kind: 'directory' as const,
              url,
              bindDn,
              passwordFile: wrongFile,
              ...ca,
            },
            'wrong-database': {
              kind: 'postgresql' as const,
              url: postgresql.url,
              passwordFile: wrongFile,
            },
            'wrong-host': { ...linux.settings, keyFile: wrongFile },
          },
        };
        const stream = new Writable({
          write(chunk, _encoding, done) {
            hear('log', String(chunk));
            done();
          },
        });
        parts = await compose(settings, { log: pino({ level: 'trace' }, stream) });
        app = await buildApi(parts);
        for (const [user, role] of [
          ['rita', 'responder'],
          ['olga', 'approver'],
          ['ivo', 'admin'],
        ] as const)
          tokens[user] = (await parts.tokens.create(user, [role], 1)).token;
        Object.assign(secrets, {
          'password of Vigia on directory and database': bed.secrets[0],
          'wrong password': 'Va1-wrong-password',
          'key of Vigia on the host': readFileSync(linux.settings.keyFile, 'utf8').split('\n')[2],
          'token of rita': tokens['rita'],
          'token of olga': tokens['olga'],
        });
      }, 180_000);
      afterAll(async () => {
        await app?.close();
        await parts?.close();
        await linux?.stop();
        await bed?.close();
        rmSync(folder, { recursive: true });
      });

      const call = async (who: string, method: 'GET' | 'POST', url: string, payload?: object) => {
        const headers = { authorization: `Bearer ${tokens[who]}` };
        const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
        hear(`API ${method} ${url}`, answer.payload);
        return answer.json() as { run: Run };
      };
      /** From the plan to the undo, everything that people look at on the way. */
      const whole = async (flow: string, input: object): Promise<Run> => {
        await call('rita', 'POST', '/api/v1/runs/plan', { flow, input });
        const { run } = await call('rita', 'POST', '/api/v1/runs', { flow, input });
        await call('olga', 'POST', `/api/v1/runs/${run.id}/approve`, { planHash: run.planHash });
        await parts.settled();
        const done = (await call('rita', 'GET', `/api/v1/runs/${run.id}`)).run;
        await call('olga', 'POST', `/api/v1/runs/${run.id}/undo`, { reason: 'a test' });
        await call('rita', 'GET', `/api/v1/runs/${run.id}`);
        return done;
      };
      const filesIn = (place: string): string[] =>
        readdirSync(place, { recursive: true, encoding: 'utf8' })
          .map((name) => join(place, name))
          .filter((path) => statSync(path).isFile());

      it('stand in no plan, journal, document, log, file or answer', slow, async () => {
        const person = await bed.person('secret-holder', ['Domain Admins']);
        secrets['password of the account'] = person.password;
        await bed.session(person);
        await linux.run(['useradd', '--create-home', 'keeper']);
        await linux.run(['chpasswd'], 'keeper:Va1-keeper-password\n');
        await linux.run([
          'sh',
          '-c',
          `setsid runuser -u keeper -- sh -c 'while :; do sleep 600; done' --password=Va1-on-the-command-line >/dev/null 2>&1 & until ps -U keeper >/dev/null; do sleep 0.02; done`,
        ]);
        secrets['password on the host'] = 'Va1-keeper-password';
        secrets['password on a command line'] = 'Va1-on-the-command-line';
        secrets['hash of the password on the host'] = (await linux.run(['getent', 'shadow', 'keeper'])).split(
          ':',
        )[1]!;

        const account = await whole('contain-account', { account: person.name, role: person.name });
        expect(account.steps.map(({ outcome }) => outcome)).toContain('proven');
        const contained = await whole('contain-host', {
          host: 'web1',
          keep: [linux.management],
          users: ['keeper'],
        });
        expect(contained.state).toBe('done');
        // Failures are where secrets slip out.
        for (const [flow, input] of [
          ['contain-account', { account: person.name, directory: 'wrong-directory' }],
          ['contain-account', { account: person.name, role: person.name, database: 'wrong-database' }],
          ['contain-host', { host: 'wrong-host', keep: [linux.management] }],
        ] as const)
          await call('rita', 'POST', '/api/v1/runs/plan', { flow, input });
        for (const url of ['/api/v1/runs', '/api/v1/flows', '/api/v1/health', '/metrics', '/api/v1/tokens'])
          await call('ivo', 'GET', url).catch(() => undefined);
        hear(
          'doctor',
          JSON.stringify(
            await doctor({
              settings: parts.settings,
              file: undefined,
              health: () => report(parts),
              now: Date.now,
            }),
          ),
        );
        for (const kind of KINDS) {
          const { found } = await parts.store.documents.find(kind, { size: 10_000 });
          hear(`documents of kind ${kind}`, JSON.stringify(found));
        }
        // The scan sees what it should see.
        expect(said['documents of kind journal']).toContain('step-started');
        expect(said['documents of kind audit']).toContain('run.approve');
        expect(said['API POST /api/v1/runs/plan']).toMatch(/bind as .* failed|logon as .* failed/);
        expect(Object.values(secrets).every((secret) => secret !== undefined && secret.length > 8)).toBe(
          true,
        );

        const files = filesIn(join(folder, 'state')).map((path) => [path, readFileSync(path)] as const);
        expect(files.length).toBeGreaterThan(1);
        const leaks = Object.entries(secrets).flatMap(([name, secret]) => [
          ...Object.entries(said).flatMap(([where, what]) =>
            what.includes(secret) ? [`${name}: ${where}`] : [],
          ),
          ...files.flatMap(([path, bytes]) => (bytes.includes(secret) ? [`${name}: ${path}`] : [])),
        ]);
        expect(leaks).toEqual([]);
      });
    }),
  ),
);
