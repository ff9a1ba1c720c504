import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KINDS, type Run } from '../core/documents.ts';
import { findAll } from '../core/find-all.ts';
import { actions, loadFlows } from '../playbooks/index.ts';
import { type EveryTarget, everyTarget } from '../tests/proofs/every-target.ts';
import { MESSAGE } from '../tests/proofs/graph-record.ts';
import { incidentRef, plantIncident } from '../tests/proofs/planted-incident.ts';
import { need, needInstalled } from '../tests/testbed/need.ts';
import { buildApi } from './api/app.ts';
import { compose } from './compose.ts';
import { doctor } from './doctor.ts';
import type { Parts } from './parts.ts';
import { report } from './report.ts';
import { readSettings, shipped } from './settings.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const mariadb = await need('mariadb');
// Of its own: it is isolated here.
const host = await needInstalled('host');
const slow = { timeout: 240_000 };
const ANNA = 'secret-holder';
const proofs = join(import.meta.dirname, '../tests/proofs');

/** Everything that Vigia wrote or said, by where; secrets are planted at every place that it reads. */
mariadb.describe('secrets, planted in settings and on a target of each kind', () =>
  host.describe('with a real host', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-secrets-'));
    const flowsFolder = join(folder, 'flows');
    const policiesFolder = join(folder, 'policies');
    const said: Record<string, string> = {};
    const hear = (where: string, what: string) => {
      said[where] = `${said[where] ?? ''}${what}\n`;
    };
    let every: EveryTarget;
    let parts: Parts;
    let app: FastifyInstance;
    const tokens: Record<string, string> = {};
    const played = new Set<string>();

    beforeAll(async () => {
      const servers = { samba: samba.component, postgres: postgres.component, mariadb: mariadb.component };
      every = await everyTarget(servers, 'secrets', ANNA);
      cpSync(shipped('playbooks', 'flows'), flowsFolder, { recursive: true });
      copyFileSync(join(proofs, 'other-actions.yml'), join(flowsFolder, 'other-actions.yml'));
      cpSync(shipped('policies'), policiesFolder, { recursive: true });
      copyFileSync(join(proofs, 'on-call.yml'), join(policiesFolder, 'on-call.yml'));
      const settings = {
        ...readSettings(undefined, { VIGIA_STATE: join(folder, 'state') }),
        targets: every.targets,
      };
      const stream = new Writable({
        write(chunk, _encoding, done) {
          hear('log', String(chunk));
          done();
        },
      });
      const log = pino({ level: 'trace' }, stream);
      parts = await compose(settings, {
        log,
        playbooks: { flowsFolder, policiesFolder, drivers: every.drivers },
      });
      app = await buildApi(parts);
      for (const [user, role] of [
        ['rita', 'responder'],
        ['olga', 'approver'],
        ['ivo', 'admin'],
      ] as const)
        tokens[user] = (await parts.tokens.create(user, [role], 1)).token;
    }, 180_000);
    afterAll(async () => {
      await app?.close();
      await parts?.close();
      await every?.close();
      rmSync(folder, { recursive: true });
    });

    const call = async (who: string, method: 'GET' | 'POST', url: string, payload?: object) => {
      const headers = { authorization: `Bearer ${tokens[who]}` };
      const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
      hear(`API ${method} ${url}`, answer.payload);
      return answer.json() as { run: Run };
    };
    const plan = (flow: string, input: object) => call('rita', 'POST', '/api/v1/runs/plan', { flow, input });
    /** From the request, which shows the plan, to the undo: everything that people look at on the way. */
    const whole = async (flow: string, input: object, incident?: string): Promise<Run> => {
      let { run } = await call('rita', 'POST', '/api/v1/runs', {
        flow,
        input,
        ...(incident ? { incident } : {}),
      });
      await call('olga', 'POST', `/api/v1/runs/${run.id}/approve`, { planHash: run.planHash });
      await parts.settled();
      const content = Buffer.from('seen').toString('base64');
      for (const { index, action } of run.steps)
        if (action.startsWith('person.') || action === 'notify.on-call') {
          const evidence = { name: 'seen.txt', content };
          const answer = { step: index, done: true, text: 'done', evidence };
          await call('rita', 'POST', `/api/v1/runs/${run.id}/answer`, answer);
        }
      run = (await call('rita', 'GET', `/api/v1/runs/${run.id}`)).run;
      await call('olga', 'POST', `/api/v1/runs/${run.id}/undo`, { reason: 'a test' });
      await call('rita', 'GET', `/api/v1/runs/${run.id}`);
      played.add(flow);
      return run;
    };
    const filesIn = (place: string): string[] =>
      readdirSync(place, { recursive: true, encoding: 'utf8' })
        .map((name) => join(place, name))
        .filter((path) => statSync(path).isFile());

    it(
      'stand in no plan, journal, document, notice, evidence, log, file or answer, whatever is played',
      slow,
      async () => {
        const { bed, maria, linux } = every;
        const person = await bed.person(ANNA, ['Domain Admins']);
        await bed.session(person);
        await bed.pg.query(`GRANT pg_monitor TO "${ANNA}"`);
        await maria.account(`${ANNA}@%`);
        await maria.query(`GRANT ALL PRIVILEGES ON *.* TO '${ANNA}'@'%'`);
        await linux.run(['useradd', '--create-home', 'keeper']);
        await linux.run(['chpasswd'], 'keeper:Va1-keeper-password\n');
        await linux.run([
          'sh',
          '-c',
          `setsid runuser -u keeper -- sh -c 'while :; do sleep 600; done' --password=Va1-on-the-command-line >/dev/null 2>&1 & until ps -U keeper >/dev/null; do sleep 0.02; done`,
        ]);
        const hash = (await linux.run(['getent', 'shadow', 'keeper'])).split(':')[1]!;
        const incident = incidentRef('leak-of-secrets');
        await plantIncident(parts.store, incident);

        const principal = `${ANNA}@example.test`;
        const both = { account: ANNA, role: ANNA };
        const leak = { host: 'web1', addresses: ['203.0.113.80'], ...both, notify: ['dpo@example.test'] };
        const keep = [linux.management];
        const runs = [
          await whole('data-leak', leak, incident.id),
          await whole('contain-account', both),
          await whole('contain-host', { host: 'web1', keep, users: ['keeper'] }),
          await whole('revoke-privileged-access', {
            ...both,
            dbaccount: `${ANNA}@%`,
            leases: [`database/creds/${ANNA}`],
          }),
          await whole('database-credential-compromise', {
            roles: [ANNA],
            accounts: [`${ANNA}@%`],
            application: 'payments',
          }),
          await whole('ransomware-first-hour', { hosts: ['srv-app-07'], accounts: [ANNA] }),
          await whole('phishing-mailbox', {
            message: MESSAGE,
            mailboxes: [principal],
            victims: [principal],
            notify: ['desk@example.test'],
          }),
          // Not behind with it: nothing is installed.
          await whole('patch-emergency', { hosts: ['web1'], packages: ['bash'] }),
          await whole('patch-wave', { hosts: ['web1'], packages: ['bash'], window: 'servers' }),
          await whole('other-actions', { account: ANNA, principal }),
          await whole('break-glass-review', { run: 'RUN-1', by: 'ivo', requester: 'ana', reason: 'why' }),
        ];
        expect(await plan('contain-account', both)).toMatchObject({ flow: { id: 'contain-account' } });
        // Failures are where secrets slip out.
        for (const [flow, input] of [
          ['contain-account', { ...both, directory: 'wrong-directory' }],
          ['contain-account', { ...both, database: 'wrong-postgresql' }],
          ['revoke-privileged-access', { account: ANNA, dbaccount: `${ANNA}@%`, mariadb: 'wrong-mariadb' }],
          ['revoke-privileged-access', { account: ANNA, leases: ['a/b'], vault: 'wrong-vault' }],
          ['phishing-mailbox', { message: MESSAGE, mailboxes: [principal], graph: 'wrong-graph' }],
          ['contain-host', { host: 'wrong-host', keep }],
        ] as const)
          expect(await plan(flow, input)).toMatchObject({ error: { code: 'remote' } });
        const unsent = await whole('data-leak', { notify: ['dpo@example.test'], mail: 'wrong-mail' });
        expect(unsent.steps.map(({ outcome }) => outcome)).toContain('unknown');
        for (const url of ['/api/v1/runs', '/api/v1/flows', '/api/v1/health', '/metrics', '/api/v1/tokens'])
          await call('ivo', 'GET', url).catch(() => undefined);
        const { settings } = parts;
        const findings = await doctor({
          settings,
          file: undefined,
          health: () => report(parts),
          now: Date.now,
        });
        hear('doctor', JSON.stringify(findings));
        for (const kind of KINDS)
          hear(`documents of kind ${kind}`, JSON.stringify(await findAll(parts.store.documents, kind)));
        for (const { body } of await findAll(parts.store.documents, 'evidence'))
          hear(`evidence ${body.name}`, Buffer.from(body.content, 'base64').toString());
        for (const notice of every.notices()) hear('notices', notice);

        // The scan sees what it should see, of every flow and every action.
        expect(said['documents of kind journal']).toContain('step-started');
        expect(said['documents of kind audit']).toContain('run.approve');
        expect(said['API POST /api/v1/runs/plan']).toMatch(/bind as .* failed|logon as .* failed/);
        expect(said['evidence processes.txt']).toContain('--password=<masked>');
        expect(said['notices']).toMatch(/data leak[\s\S]*phishing[\s\S]*Nothing is to be done/);
        expect([...played].sort()).toEqual([...loadFlows(flowsFolder, actions).keys()].sort());
        const sent = new Set(runs.flatMap(({ steps }) => steps.map(({ action }) => action)));
        expect(actions.map(({ id }) => id).filter((id) => !sent.has(id))).toEqual([]);
        expect(runs.flatMap(({ steps }) => steps.map(({ outcome }) => outcome))).toContain('proven');

        const secrets: Readonly<Record<string, string>> = {
          ...every.secrets(),
          ...Object.fromEntries(Object.entries(tokens).map(([who, token]) => [`token of ${who}`, token])),
          'password of the account': person.password,
          'password on the host': 'Va1-keeper-password',
          'password on a command line': 'Va1-on-the-command-line',
          'hash of the password on the host': hash,
        };
        expect(Object.values(secrets).filter((secret) => secret.length < 9)).toEqual([]);
        const files = filesIn(join(folder, 'state')).map((path) => [path, readFileSync(path)] as const);
        expect(files.length).toBeGreaterThan(1);
        const leaks = Object.entries(secrets).flatMap(([name, secret]) => [
          ...Object.entries(said).flatMap(([where, what]) =>
            what.includes(secret) ? [`${name}: ${where}`] : [],
          ),
          ...files.flatMap(([path, bytes]) => (bytes.includes(secret) ? [`${name}: ${path}`] : [])),
        ]);
        expect(leaks).toEqual([]);
      },
    );
  }),
);
