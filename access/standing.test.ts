import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { type DatabaseBed, databaseBed } from '../tests/proofs/database-bed.ts';
import { type DirectoryBed, directoryBed } from '../tests/proofs/directory-bed.ts';
import { need } from '../tests/testbed/need.ts';
import type { AccessDesk, StandingReport } from './index.ts';
import { type Desk, openDesk } from './testbench/desk.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const DAY = 86_400_000;
const groups = { domainRids: [512], builtinRids: [544, 549], names: ['stand-named'] };

samba.describe('standing privileges', () =>
  postgres.describe('of a directory and a database', () => {
    let directory: DirectoryBed;
    let database: DatabaseBed;
    let desk: Desk;
    let vigia: AccessDesk;
    let report: StandingReport;
    beforeAll(async () => {
      directory = await directoryBed(samba.component, 'stand');
      database = await databaseBed(postgres.component, 'stand');
      const away = { ...database.target, url: 'postgresql://vigia@127.0.0.1:1/postgres' };
      desk = await openDesk(openEmbedded, () => ({
        directory: directory.target,
        payments: { ...database.target, names: ['db1'] },
        away,
      }));
      vigia = desk.process();
      await directory.group('stand-named');
      await directory.group('stand-inner', ['stand-named']);
      await directory.group('stand-plain');
      await directory.person('stand-ana', ['stand-inner']);
      await directory.person('stand-bo', ['stand-plain']);
      await directory.person('stand-cy', []);
      await (
        await directory.logon({ name: '', dn: directory.dnOf('stand-ana'), password: 'Va1-stand-ana-secret' })
      ).unbind();
      await desk.given(vigia, {
        system: 'directory',
        role: 'stand-named',
        account: 'stand-cy',
        minutes: 480,
      });
      await database.person('stand-plain');
      await database.person('stand-maker');
      await database.pg.query('CREATE ROLE "stand-power" NOLOGIN BYPASSRLS');
      await database.pg.query('CREATE ROLE "stand-between" NOLOGIN');
      await database.pg.query('GRANT "stand-power" TO "stand-between"');
      await database.pg.query('GRANT "stand-between", pg_read_all_data TO "stand-maker"');
      report = await vigia.standing(groups);
    });
    afterAll(async () => {
      await desk?.close();
      await database?.close();
      await directory?.close();
    });
    const of = (account: string, from = report) => from.standing.find((one) => one.account === account);

    it('are found through nested groups, with the last logon; ordinary members are not', () => {
      expect(of('stand-ana')).toMatchObject({
        system: 'directory',
        has: ['stand-named'],
        enabled: true,
        dormant: false,
      });
      expect(of('stand-ana')?.lastUsed?.slice(0, 10)).toBe(new Date().toISOString().slice(0, 10));
      expect(of('stand-bo')).toBeUndefined();
      expect(of('Administrator')?.has).toEqual(expect.arrayContaining(['Administrators', 'Domain Admins']));
    });

    it('are told apart from those that an access gives', () => {
      expect(of('stand-cy')).toMatchObject({ access: expect.stringMatching(/^ACC-/), dormant: false });
      expect(of('stand-ana')).not.toHaveProperty('access');
    });

    it('are found through roles of roles', () => {
      expect(of('stand-maker')?.has).toEqual(['pg_read_all_data', 'BYPASSRLS by stand-power']);
      expect(of('stand-plain')).toBeUndefined();
      expect(of('postgres')?.has[0]).toMatch(/^SUPERUSER, CREATEROLE/);
    });

    it('of a target that does not answer are said to be missing', () => {
      expect(report.notAsked).toEqual([{ system: 'away', why: expect.stringContaining('ECONNREFUSED') }]);
      expect(report).not.toHaveProperty('collectedSince');
    });

    it('are dormant when nobody used the account for the days of the policy', async () => {
      desk.wait(91 * DAY);
      const later = await vigia.standing(groups);
      expect(of('stand-ana', later)).toMatchObject({ dormant: true });
      // Nothing was collected: of a database nobody can say so.
      expect(of('stand-maker', later)).toMatchObject({ dormant: false });
    });
  }),
);
