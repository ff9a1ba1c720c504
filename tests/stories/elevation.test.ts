/** Access to a directory and to a host: given, used, linked, ended although Vigia was down at its end, and what rules make of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Access } from '../../core/documents.ts';
import { findAll } from '../../core/find-all.ts';
import { compose } from '../../server/compose.ts';
import { importOnce } from '../../server/import-once.ts';
import type { Parts } from '../../server/parts.ts';
import { advanceDue } from '../../server/roles/advance-access.ts';
import { readSettings, type SourceSettings } from '../../server/settings.ts';
import { withDirectory } from '../../targets/directory.ts';
import { type DirectoryBed, directoryBed } from '../proofs/directory-bed.ts';
import { keyPair } from '../testbed/key-pair.ts';
import { need } from '../testbed/need.ts';

const samba = await need('samba');
const host = await need('host');
const HOUR = 3_600_000;

samba.describe('elevation', () =>
  host.describe('on a directory and a host', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-elevation-'));
    const pair = keyPair();
    let bed: DirectoryBed;
    let parts: Parts;
    let waited = 0;

    async function open(): Promise<void> {
      const targets = {
        directory: { ...bed.target, names: ['dc1'] },
        web1: { ...host.component.settings, names: ['web1'] },
      };
      const settings = { ...readSettings(undefined, { VIGIA_STATE: folder }), targets };
      parts = await compose(settings, { now: () => Date.now() + waited, log: pino({ level: 'silent' }) });
    }
    beforeAll(async () => {
      bed = await directoryBed(samba.component, 'elev');
      await bed.group('elev-admins');
      await host.component.run(['useradd', '--create-home', '--shell', '/bin/sh', 'elev-ops']);
      await open();
    });
    afterAll(async () => {
      await parts?.close();
      await bed?.close();
      rmSync(folder, { recursive: true });
    });

    const give = async (ask: {
      system: string;
      role: string;
      account?: string;
      key?: string;
    }): Promise<Access> => {
      const asked = await parts.access.request({ ...ask, why: 'story', minutes: 60 }, 'rita');
      await parts.access.approve(asked.id, { by: 'olga', roles: ['approver'], planHash: asked.planHash });
      return await parts.access.advance(asked.id);
    };
    /** Down from half an hour before its end until two hours after it. */
    async function outage(): Promise<void> {
      waited += HOUR / 2;
      await parts.close();
      waited += 2.5 * HOUR;
      await open();
      await advanceDue(parts);
    }
    const ingest = (source: SourceSettings) =>
      importOnce(parts, [source], { signal: new AbortController().signal, progress: () => undefined });
    const actionsOf = async ({ id }: Access) =>
      (await parts.access.use(id)).events.map(({ event }) => event['action']);

    const TITLES = [
      'Member added to group named like an administrators group',
      'Directory powers used outside any grant',
    ];
    const ingestGroups = () =>
      ingest({
        id: 'dc1-groups',
        collector: 'samba-audit',
        host: 'dc1',
        files: [samba.component.logs.group],
      });
    /** Titles of the alerts about changes of directories that name this person. */
    const alertsAbout = async (name: string): Promise<string[]> =>
      (await findAll(parts.store.documents, 'alert'))
        .filter(({ body: { rule, entities } }) => TITLES.includes(rule.title) && named(entities, name))
        .map(({ body }) => body.rule.title)
        .sort();
    const named = (entities: readonly { name: string }[], name: string) =>
      entities.some((one) => one.name === name);

    it('alerts nobody of what a playbook does and takes back, but of what else is done with its account', async () => {
      await bed.group('elev-power-admins', ['Server Operators']);
      const person = await bed.person('elev-cy', ['elev-power-admins']);
      // From the first grant on the rule looks at this directory.
      await bed.person('elev-dora');
      await give({ system: 'directory', role: 'elev-admins', account: 'elev-dora' });
      await ingestGroups();
      const before = await alertsAbout('elev-cy');
      const run = await parts.playbooks.start('revoke-privileged-access', { account: 'elev-cy' }, 'rita');
      const olga = { by: 'olga', roles: ['approver'] } as const;
      await parts.playbooks.approve(run.id, { ...olga, planHash: run.planHash });
      await parts.playbooks.execute(run.id);
      expect(await bed.groupsOf(person)).toEqual([]);
      await parts.playbooks.undo(run.id, { ...olga, reason: 'the story is over' });
      expect(await bed.groupsOf(person)).toEqual(['elev-power-admins']);
      const thief = await bed.person('elev-thief');
      await withDirectory('directory', bed.target, { before() {}, after() {} }, (directory) =>
        directory.modify(bed.dnOf('elev-power-admins'), [
          { operation: 'add', attribute: 'member', values: [thief.dn] },
        ]),
      );
      await ingestGroups();
      expect([await alertsAbout('elev-cy'), await alertsAbout('elev-dora')]).toEqual([before, []]);
      expect(await alertsAbout('elev-thief')).toEqual(TITLES.toSorted());
    });

    it('lists logons to the directory, and ends late with proof', async () => {
      const person = await bed.person('elev-ana');
      const access = await give({ system: 'directory', role: 'elev-admins', account: 'elev-ana' });
      await (await bed.logon(person)).unbind();
      expect(await bed.groupsOf(person)).toEqual(['elev-admins']);
      // By nobody whom a grant covers.
      await bed.person('elev-bo', ['elev-admins']);
      await outage();
      expect(await bed.groupsOf(person)).toEqual([]);
      const ended = await parts.access.get(access.id);
      expect(ended).toMatchObject({ state: 'ended', ended: { proof: { right: { outcome: 'proven' } } } });
      expect(ended.ended!.lateMs).toBeGreaterThanOrEqual(2 * HOUR);
      await ingest({ id: 'dc1', collector: 'samba-audit', host: 'dc1', files: [samba.component.logs.auth] });
      expect(await actionsOf(access)).toContain('logged-in');
      await ingestGroups();
      expect(await alertsAbout('elev-bo')).toEqual(TITLES.toSorted());
      expect(await alertsAbout('elev-ana')).toEqual([]);
    });

    it('lists sessions on the host; root rights after its end, or without it, alert', async () => {
      const access = await give({ system: 'web1', role: 'elev-ops', key: pair.public });
      const client = new ssh2.Client();
      const ended = new Promise<void>((done) => client.once('close', () => done()));
      await new Promise<void>((resolve, reject) => {
        client.once('ready', () => client.shell((failure) => (failure ? reject(failure) : resolve())));
        client.on('error', reject);
        client.connect({ host: host.component.address, username: 'elev-ops', privateKey: pair.private });
      });
      const during = Date.now() + waited;
      await outage();
      await ended;
      expect(await parts.access.get(access.id)).toMatchObject({
        state: 'ended',
        ended: {
          lateMs: expect.any(Number),
          proof: { right: { outcome: 'proven' }, sessions: { outcome: 'proven' } },
        },
      });
      // This host has no syslog daemon: what its sshd said gets the header that one would write.
      const said = readFileSync(join(dirname(host.component.keyFile), 'output.log'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('Accepted publickey for elev-ops'))
        .map((line) => `<38>1 ${new Date(during).toISOString()} web1 sshd 17 - - ${line}`);
      const sudo = (atMs: number, user: string) =>
        `<86>1 ${new Date(atMs).toISOString()} web1 sudo 18 - - ${user} : TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/usr/bin/id`;
      const lines = [
        ...said,
        sudo(during, 'elev-ops'),
        sudo(during, 'elev-other'),
        sudo(during + 1.5 * HOUR, 'elev-ops'),
      ];
      writeFileSync(join(folder, 'web1.log'), `${lines.join('\n')}\n`);
      await ingest({
        id: 'web1',
        collector: 'linux-syslog',
        host: 'web1',
        files: [join(folder, 'web1.log')],
      });
      expect((await actionsOf(access)).sort()).toEqual(['ssh-login', 'sudo-command', 'sudo-command']);
      const alerts = (await findAll(parts.store.documents, 'alert'))
        .map(({ body }) => body)
        .filter(({ rule }) => rule.title === 'Root rights used outside any grant');
      expect(alerts.map(({ detail, rule }) => `${rule.level}: ${detail}`).sort()).toEqual([
        'medium: no grant covers elev-ops on web1 at that time',
        'medium: no grant covers elev-other on web1 at that time',
      ]);
    });
  }),
);
