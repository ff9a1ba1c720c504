/** Playbooks end what privileged access gave, sessions that it records, and privileges that accounts have for good. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordedSession } from '../access/index.ts';
import type { Access, Run } from '../core/documents.ts';
import { sidText } from '../targets/directory-accounts.ts';
import { type DatabaseBed, databaseBed } from '../tests/proofs/database-bed.ts';
import { type DirectoryBed, directoryBed } from '../tests/proofs/directory-bed.ts';
import { keyPair } from '../tests/testbed/key-pair.ts';
import { need } from '../tests/testbed/need.ts';
import { compose } from './compose.ts';
import type { Parts } from './parts.ts';
import { readSettings, shipped } from './settings.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const host = await need('host');
const olga = { by: 'olga', roles: ['approver'] } as const;

samba.describe('privileges', () =>
  postgres.describe('on databases', () =>
    host.describe('and hosts', () => {
      const folder = mkdtempSync(join(tmpdir(), 'vigia-privileges-'));
      const flowsFolder = join(folder, 'flows');
      let directory: DirectoryBed;
      let database: DatabaseBed;
      let parts: Parts;
      beforeAll(async () => {
        mkdirSync(flowsFolder);
        directory = await directoryBed(samba.component, 'priv');
        database = await databaseBed(postgres.component, 'priv');
        const targets = {
          directory: directory.target,
          payments: database.target,
          web1: host.component.settings,
        };
        const settings = { ...readSettings(undefined, { VIGIA_STATE: join(folder, 'state') }), targets };
        parts = await compose(settings, { log: pino({ level: 'silent' }), playbooks: { flowsFolder } });
      });
      afterAll(async () => {
        await parts?.close();
        await Promise.all([directory?.close(), database?.close()]);
        rmSync(folder, { recursive: true });
      });

      const given = async (ask: {
        system: string;
        role: string;
        account?: string;
        key?: string;
      }): Promise<Access> => {
        const asked = await parts.access.request({ ...ask, who: 'ana', why: 'a test', minutes: 60 }, 'rita');
        await parts.access.approve(asked.id, { ...olga, planHash: asked.planHash });
        return await parts.access.advance(asked.id);
      };
      const approved = async (action: string, input: object): Promise<Run> => {
        const id = action.replace('.', '-');
        const step = { name: 'It', action, with: input };
        writeFileSync(
          join(flowsFolder, `${id}.yml`),
          JSON.stringify({ id, title: id, description: 'For a test.', input: {}, steps: [step] }),
        );
        const run = await parts.playbooks.start(id, {}, 'rita');
        return await parts.playbooks.approve(run.id, { ...olga, planHash: run.planHash });
      };
      const done = async (action: string, input: object): Promise<Run> =>
        await parts.playbooks.execute((await approved(action, input)).id);

      it('ends a recorded session on its host, and then the access that it came by', async () => {
        await host.component.run(['useradd', '--create-home', '--shell', '/bin/sh', 'priv-ops']);
        const pair = keyPair();
        const access = await given({ system: 'web1', role: 'priv-ops', key: pair.public });
        const file = join(folder, 's1.cast');
        await parts.access.recordingStarted(access.id, 'ana', { id: 's1', file });
        const shown = Promise.withResolvers<void>();
        const session = recordedSession({
          gateway: await parts.access.gateway(access.id, 'ana'),
          login: { privateKey: pair.private },
          file,
          terminal: { columns: 80, rows: 24, type: 'xterm' },
          output: () => shown.resolve(),
          commandLine: 'echo here; sleep 600',
          now: Date.now,
          signal: new AbortController().signal,
        });
        await shown.promise;
        const run = await approved('pam.end-recorded-sessions', { account: 'ana' });
        expect(run.steps[0]?.plan).toMatchObject({
          targets: [{ system: 'web1', name: 'priv-ops' }],
          observed: { sessions: 1 },
        });
        expect(await parts.playbooks.execute(run.id)).toMatchObject({
          state: 'done',
          steps: [{ outcome: 'proven', detail: expect.stringContaining('has not closed 1 recordings') }],
        });
        const { bytes, sha256 } = await session;
        await parts.access.recordingEnded(access.id, 'ana', 's1', { bytes, sha256 });
        expect(
          (await approved('pam.end-recorded-sessions', { account: 'ana' })).steps[0]?.plan.targets,
        ).toEqual([]);
        // The access itself was left.
        expect(await parts.access.get(access.id)).toMatchObject({ state: 'active' });
        expect(await done('pam.end-access', { account: 'ana', system: 'web1' })).toMatchObject({
          state: 'done',
          steps: [{ outcome: 'proven' }],
        });
        expect(await parts.access.get(access.id)).toMatchObject({
          state: 'ended',
          takenBack: { by: 'vigia', reason: expect.stringMatching(/^playbook RUN-/) },
        });
      });

      it('ends access to a database with the session that uses it, and says what a directory cannot tell', async () => {
        await database.pg.query('CREATE ROLE "priv-admin" NOLOGIN');
        await directory.group('priv-power', ['Server Operators']);
        const ana = await database.person('ana');
        const { dn } = await directory.person('ana');
        const { searchEntries } = await directory.ldap.search(dn, {
          scope: 'base',
          explicitBufferAttributes: ['objectSid'],
        });
        const sid = sidText(searchEntries[0]?.['objectSid'] as Buffer);
        const [one, two] = [
          await given({ system: 'payments', role: 'priv-admin' }),
          await given({ system: 'directory', role: 'priv-power' }),
        ];
        const session = await database.session(ana);
        await expect(approved('pam.end-access', { account: sid })).rejects.toThrow(
          'access is known by logon names, not by SIDs',
        );
        const run = await approved('pam.end-access', { account: sid, directory: 'directory' });
        expect(run.steps[0]?.plan.targets.map(({ identity }) => identity)).toEqual([one.id, two.id]);
        // Nobody can list the sessions of a directory: not known is not done.
        expect(await parts.playbooks.execute(run.id)).toMatchObject({
          state: 'not-proven',
          steps: [{ outcome: 'unknown', detail: expect.stringContaining('connections bound before') }],
        });
        await session.ended;
        for (const { id } of [one, two])
          expect(await parts.access.get(id)).toMatchObject({
            state: 'ended',
            ended: { proof: { right: { outcome: 'proven' } } },
          });
        expect(await done('pam.end-access', { account: 'ana' })).toMatchObject({ state: 'done' });
      });

      it.each(['contain-account', 'revoke-privileged-access'])(
        '%s ends what the account has, and what it is about to get',
        async (flow) => {
          cpSync(shipped('playbooks', 'flows', `${flow}.yml`), join(flowsFolder, `${flow}.yml`));
          const name = `priv-${flow.slice(0, 6)}`;
          await database.pg.query(`CREATE ROLE "${name}-role" NOLOGIN`);
          await database.person(name);
          await directory.person(name);
          await directory.group(`${name}-power`, ['Server Operators']);
          const active = await given({ system: 'payments', role: `${name}-role`, account: name });
          const ask = { system: 'directory', role: `${name}-power`, account: name, who: 'ana', minutes: 60 };
          const coming = await parts.access.request({ ...ask, why: 'a test' }, 'rita');
          await parts.access.approve(coming.id, { ...olga, planHash: coming.planHash });
          const { id, planHash } = await parts.playbooks.start(flow, { account: name }, 'rita');
          await parts.playbooks.approve(id, { ...olga, planHash });
          const { steps } = await parts.playbooks.execute(id);
          expect(steps.find(({ action }) => action === 'pam.end-access')).toMatchObject({
            outcome: 'proven',
            plan: { targets: [{ identity: active.id }, { identity: coming.id }] },
          });
          expect(await parts.access.get(active.id)).toMatchObject({ state: 'ended' });
          const after = await parts.access.advance(coming.id);
          expect(['approved', 'active']).not.toContain(after.state);
        },
      );

      it('is refused when there is more than was approved for', async () => {
        await database.person('priv-eva');
        await database.pg.query('CREATE ROLE "priv-other" NOLOGIN');
        await given({ system: 'payments', role: 'priv-admin', account: 'priv-eva' });
        const run = await approved('pam.end-access', { account: 'priv-eva', maxAccess: 1 });
        await given({ system: 'payments', role: 'priv-other', account: 'priv-eva' });
        expect(await parts.playbooks.execute(run.id)).toMatchObject({ state: 'void' });
        const open = await parts.store.documents.find('access', {
          where: { op: 'equals', field: 'state', value: 'active' },
        });
        expect(open.found.filter(({ body }) => body.account === 'priv-eva')).toHaveLength(2);
      });

      it('takes standing privileges away as the report finds them, and gives exactly these back', async () => {
        await directory.group('priv-standing', ['Server Operators']);
        const people = [
          await directory.person('priv-di', ['priv-standing']),
          await directory.person('priv-ed', ['priv-standing', 'DnsUpdateProxy']),
          await directory.person('priv-fay', ['priv-standing']),
        ] as const;
        const input = {
          system: 'directory',
          accounts: ['priv-di', 'priv-ed', 'nobody'],
          except: ['priv-fay'],
        };
        const run = await done('pam.expire-standing', input);
        expect(run).toMatchObject({ state: 'done', steps: [{ outcome: 'proven' }] });
        const groups = async () => await Promise.all(people.map((person) => directory.groupsOf(person)));
        expect(await groups()).toEqual([[], ['DnsUpdateProxy'], ['priv-standing']]);
        expect(await parts.playbooks.undo(run.id, { ...olga, reason: 'a test' })).toMatchObject({
          state: 'undone',
        });
        expect(await groups()).toEqual([
          ['priv-standing'],
          ['DnsUpdateProxy', 'priv-standing'],
          ['priv-standing'],
        ]);
      });

      it('takes standing powers of a database away, but not what Vigia gave for a time', async () => {
        await database.pg.query('CREATE ROLE "priv-keeper" LOGIN CREATEROLE');
        await database.pg.query('CREATE ROLE "priv-maker" NOLOGIN CREATEROLE');
        await database.person('priv-gil');
        await given({ system: 'payments', role: 'priv-maker', account: 'priv-gil' });
        const accounts = ['priv-keeper', 'priv-gil'];
        const run = await done('pam.expire-standing', { system: 'payments', accounts });
        expect(run.steps[0]?.plan.observed['accountList']).toEqual(['priv-keeper']);
        expect(run).toMatchObject({ state: 'done', steps: [{ outcome: 'proven' }] });
        const may = async () =>
          (await database.pg.query(`SELECT rolcreaterole AS may FROM pg_roles WHERE rolname = 'priv-keeper'`))
            .rows;
        expect(await may()).toEqual([{ may: false }]);
        await parts.playbooks.undo(run.id, { ...olga, reason: 'a test' });
        expect(await may()).toEqual([{ may: true }]);
      });

      it.each([
        ['nobody is named', { system: 'directory' }, /nobody is named/],
        ['the target is a host', { system: 'web1', accounts: ['x'] }, /"web1" is a ssh/],
        ['there is no such target', { system: 'nowhere', accounts: ['x'] }, /"nowhere" is no target/],
        [
          'a domain administrator is among them',
          { system: 'directory', accounts: ['Administrator'] },
          /protected/,
        ],
      ])('is not planned when %s', async (_, input, message) => {
        await expect(approved('pam.expire-standing', input)).rejects.toThrow(message);
      });
    }),
  ),
);
