import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from '../core/documents.ts';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Containment, containment, type Person } from '../tests/proofs/containment.ts';
import { need } from '../tests/testbed/need.ts';
import { type Playbooks, playbooks } from './index.ts';
import { policiesFolder } from './testbench/bench.ts';

const flowsFolder = join(import.meta.dirname, 'flows');
const approver = { by: 'olga', roles: ['approver'] } as const;
const HOURS = 3_600_000;
const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('contain-account on a real directory', () =>
  postgres.describe('and a real database', () => {
    let bed: Containment;
    let store: Store;
    let vigia: Playbooks;
    let skipped = 0;
    const folder = mkdtempSync(join(tmpdir(), 'vigia-contain-'));
    beforeAll(async () => {
      bed = await containment(samba.component, postgres.component, 'flow');
      store = await openEmbedded({ file: join(folder, 'store.db') });
      const now = () => Date.now() + skipped;
      vigia = playbooks({ store, targets: bed.targets, policiesFolder, flowsFolder, now });
    });
    afterAll(async () => {
      await bed?.close();
      await store?.close();
      rmSync(folder, { recursive: true });
    });

    const contain = async (person: Person): Promise<Run> => {
      const run = await vigia.start('contain-account', { account: person.name, role: person.name }, 'rita');
      await vigia.approve(run.id, { ...approver, planHash: run.planHash });
      return await vigia.execute(run.id);
    };
    const outcomes = (run: Run) => run.steps.map(({ outcome }) => outcome);
    const roleOf = async ({ name }: Person) => {
      const columns =
        'rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication, rolconnlimit, rolvaliduntil::text';
      const { rows } = await bed.pg.query(`SELECT ${columns} FROM pg_roles WHERE rolname = $1`, [name]);
      const memberships = await bed.pg.query(
        `SELECT roleid::regrole::text AS of, admin_option, grantor::regrole::text AS grantor FROM pg_auth_members
          WHERE member = $1::text::regrole ORDER BY 1`,
        [name],
      );
      return { role: rows[0], memberships: memberships.rows };
    };
    const groupsOf = async ({ dn }: Person) => {
      const { searchEntries } = await bed.ldap.search(dn, { scope: 'base', attributes: ['memberOf'] });
      return [searchEntries[0]?.['memberOf'] ?? []].flat().map(String).sort();
    };
    const controlOf = async ({ dn }: Person) => {
      const { searchEntries } = await bed.ldap.search(dn, {
        scope: 'base',
        attributes: ['userAccountControl', 'logonHours'],
      });
      return [searchEntries[0]?.['userAccountControl'], String(searchEntries[0]?.['logonHours'] ?? '')];
    };

    it('ends what can be ended, proves it, and says that bound LDAP connections go on', async () => {
      const mallory = await bed.person('mallory', ['Domain Admins']);
      await bed.pg.query('ALTER ROLE mallory SUPERUSER');
      const [session, bound] = [await bed.session(mallory), await bed.logon(mallory)];

      const run = await contain(mallory);

      expect(outcomes(run)).toEqual(['proven', 'proven', 'proven', 'not-proven', 'proven', 'proven']);
      expect(run.state).toBe('not-proven');
      expect(run.steps[3]?.detail).toMatch(
        /LDAP connections bound before.*go on.*NOT CONTAINED until.*kill-client-ip.*firewall/,
      );
      await expect(bed.logon(mallory)).rejects.toThrow(/data 533|Invalid credentials|80090308/i);
      await expect(bed.session(mallory)).rejects.toMatchObject({ code: '28P01' });
      await session.ended;
      // The sentence tells the truth: the connection that was bound before still reads.
      expect((await bound.search(mallory.dn, { scope: 'base' })).searchEntries).toHaveLength(1);
      expect(await groupsOf(mallory)).toEqual([]);
      await bound.unbind();
    });

    it('restores memberships and flags exactly as they were', async () => {
      await bed.group('flow-nested', ['Domain Admins']);
      const ivo = await bed.person('ivo', ['Domain Admins', 'flow-nested', 'DnsUpdateProxy']);
      await bed.pg.query(`CREATE ROLE ledger; CREATE ROLE desk; GRANT ledger TO ivo WITH ADMIN OPTION; GRANT desk TO ivo;
        ALTER ROLE ivo CREATEDB REPLICATION CONNECTION LIMIT 3 VALID UNTIL '2030-01-02 03:04:05+00'`);
      const before = [await roleOf(ivo), await groupsOf(ivo), await controlOf(ivo)];

      const run = await contain(ivo);
      expect(run.steps[2]?.plan.changes).toContainEqual(
        expect.stringMatching(/"flow-nested", which leads to .*"Domain Admins"/),
      );
      expect(await groupsOf(ivo)).toEqual([expect.stringContaining('CN=DnsUpdateProxy')]);
      expect(await roleOf(ivo)).toEqual({
        role: {
          rolcanlogin: false,
          rolsuper: false,
          rolcreaterole: false,
          rolcreatedb: false,
          rolbypassrls: false,
          rolreplication: false,
          rolconnlimit: 0,
          rolvaliduntil: '-infinity',
        },
        memberships: [],
      });

      const undone = await vigia.undo(run.id, { ...approver, reason: 'a test of the alarm' });
      expect(undone.state).toBe('undone');
      expect(outcomes(undone)).toEqual(['undone', 'proven', 'undone', 'undone', 'undone', 'proven']);
      expect([await roleOf(ivo), await groupsOf(ivo), await controlOf(ivo)]).toEqual(before);
      await (await bed.logon(ivo)).unbind();
      await (await bed.session(ivo)).client.end();
    });

    it('is voided when the account gets another privileged group between plan and act', async () => {
      const eva = await bed.person('eva', ['Domain Admins']);
      const run = await vigia.start('contain-account', { account: 'eva' }, 'rita');
      await vigia.approve(run.id, { ...approver, planHash: run.planHash });
      await bed.member(eva.dn, 'Schema Admins');
      const after = await vigia.execute(run.id);
      expect(after.state).toBe('void');
      expect(after.history.at(-1)?.reason).toMatch(/"Schema Admins" would be a new target/);
      expect(await groupsOf(eva)).toHaveLength(2);
    });

    it('is voided when another account has taken the name', async () => {
      const old = await bed.person('shared-name');
      const run = await vigia.start('contain-account', { account: 'shared-name' }, 'rita');
      await vigia.approve(run.id, { ...approver, planHash: run.planHash });
      await bed.ldap.del(old.dn);
      await bed.pg.query('DROP ROLE "shared-name"');
      const other = await bed.person('shared-name');
      expect((await vigia.execute(run.id)).state).toBe('void');
      expect((await controlOf(other))[0]).toBe('512');
    });

    it('says which step failed when the account of Vigia has too few rights on the database, and does the others', async () => {
      const bo = await bed.person('flow-bo', ['Domain Admins']);
      const run = await vigia.start('contain-account', { account: bo.name, role: bo.name }, 'rita');
      await vigia.approve(run.id, { ...approver, planHash: run.planHash });
      await bed.pg.query('ALTER ROLE "svc-vigia-flow" NOSUPERUSER');
      const after = await vigia.execute(run.id);
      await bed.pg.query('ALTER ROLE "svc-vigia-flow" SUPERUSER');
      expect(outcomes(after).slice(0, 3)).toEqual(['proven', 'proven', 'proven']);
      expect(after.steps[4]).toMatchObject({
        outcome: 'not-proven',
        detail: expect.stringMatching(/asked again/),
      });
      expect((await roleOf(bo)).role).toMatchObject({ rolcanlogin: true });
      await expect(bed.logon(bo)).rejects.toThrow(/data 533/);
    });

    it('changes nothing when the approval is too old', async () => {
      const cy = await bed.person('flow-cy', ['Domain Admins']);
      const before = [await roleOf(cy), await groupsOf(cy), await controlOf(cy)];
      const run = await vigia.start('contain-account', { account: cy.name, role: cy.name }, 'rita');
      await vigia.approve(run.id, { ...approver, planHash: run.planHash });
      skipped += 9 * HOURS;
      expect((await vigia.execute(run.id)).state).toBe('expired');
      expect([await roleOf(cy), await groupsOf(cy), await controlOf(cy)]).toEqual(before);
    });

    it.each([
      ['the ticket service', { account: 'krbtgt' }, /\(krbtgt\)/],
      ['the built-in administrator', { account: 'Administrator' }, /\(built-in-administrator\)/],
      ['a domain controller', { account: 'DC1$' }, /\(domain-controllers\)/],
      ["Vigia's own account", { account: 'svc-vigia-flow' }, /\(vigia-own-accounts\)/],
    ])('refuses %s and names the line of the policy', async (_, input, line) => {
      const planned = vigia.plan('contain-account', input);
      await expect(planned).rejects.toMatchObject({ exitCode: 4, message: expect.stringMatching(line) });
      await expect(planned).rejects.toThrow(/policies\/protected\.yml:\d+/);
    });

    it.each([
      ["Vigia's own role", 'svc-vigia-flow', /\(vigia-own-accounts\)/],
      ['the bootstrap superuser', 'postgres', /\(bootstrap-superuser\)/],
    ])('refuses %s in the database', async (_, role, line) => {
      await bed.person(`owner-of-${role}`);
      await expect(vigia.plan('contain-account', { account: `owner-of-${role}`, role })).rejects.toThrow(
        line,
      );
    });

    it('refuses an approver, who is known by a token that still works', async () => {
      await bed.person('vera');
      const token = {
        id: 't1',
        user: 'vera',
        roles: ['approver' as const],
        hash: 'x',
        created: '2026-01-01T00:00:00Z',
      };
      await store.documents.create('token', 't1', { ...token, expires: '2999-01-01T00:00:00Z' });
      await expect(vigia.plan('contain-account', { account: 'vera' })).rejects.toThrow(/\(approvers\)/);
    });

    it('leaves no secret in run, journal, marker or error', async () => {
      const wrong = playbooks({
        store,
        targets: { ...bed.targets, directory: { ...bed.targets.directory, bindDn: 'nobody@example.test' } },
        policiesFolder,
        flowsFolder,
      });
      const failure: unknown = await wrong
        .plan('contain-account', { account: 'mallory' })
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        exitCode: 3,
        message: expect.stringContaining('bind as nobody@example.test failed'),
      });
      const kept = [inspect(failure, { depth: 20, showHidden: true }), String((failure as Error).stack)];
      for (const kind of ['run', 'journal', 'marker'] as const) {
        const { found } = await store.documents.find(kind, { size: 10_000 });
        expect(found.length).toBeGreaterThan(0);
        kept.push(JSON.stringify(found));
      }
      for (const secret of bed.secrets) for (const text of kept) expect(text).not.toContain(secret);
      for (const name of readdirSync(folder))
        expect(readFileSync(join(folder, name)).includes(bed.secrets[0]!), name).toBe(false);
    });
  }),
);
