import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../../store/embedded/open.ts';
import { type DatabaseBed, databaseBed } from '../../tests/proofs/database-bed.ts';
import { need } from '../../tests/testbed/need.ts';
import type { AccessDesk } from '../index.ts';
import { type Desk, openDesk } from '../testbench/desk.ts';

const postgres = await need('postgres');
const MINUTE = 60_000;

postgres.describe('a PostgreSQL role for a time', () => {
  let bed: DatabaseBed;
  let desk: Desk;
  let vigia: AccessDesk;
  beforeAll(async () => {
    bed = await databaseBed(postgres.component, 'pgrole');
    desk = await openDesk(openEmbedded, () => ({ payments: bed.target }));
    vigia = desk.process();
    await bed.pg.query('CREATE ROLE "pgrole-admin" NOLOGIN CREATEROLE');
    await bed.pg.query('CREATE TABLE pgrole_secret (n int)');
    await bed.pg.query('GRANT ALL ON pgrole_secret TO "pgrole-admin"');
  });
  afterAll(async () => {
    await desk?.close();
    await bed?.close();
  });
  const role = 'pgrole-admin';
  const isMember = async (name: string): Promise<boolean> =>
    (await bed.pg.query(`SELECT pg_has_role($1, $2, 'MEMBER') AS is`, [name, role])).rows[0].is;
  const validUntil = async (name: string): Promise<Date | null> =>
    (await bed.pg.query('SELECT rolvaliduntil AS until FROM pg_roles WHERE rolname = $1', [name])).rows[0]
      .until;
  const start = (desk_: AccessDesk, account: string, minutes = 30) =>
    desk.given(desk_, { system: 'payments', role, account, minutes });

  it('works while it lasts, is taken away at its end, and ends what was opened with it', async () => {
    const ana = await bed.person('pgrole-ana');
    const given = await start(vigia, 'pgrole-ana');
    expect(given).toMatchObject({ state: 'active', given: { outcome: 'proven' } });
    const session = await bed.session(ana);
    await session.client.query('SET ROLE "pgrole-admin"');
    expect((await session.client.query('SELECT * FROM pgrole_secret')).rows).toEqual([]);
    desk.wait(29 * MINUTE);
    expect(await vigia.due()).toEqual([]);
    desk.wait(MINUTE);
    expect((await vigia.due()).map(({ id }) => id)).toEqual([given.id]);
    const ended = await vigia.advance(given.id);
    await session.ended;
    expect(ended).toMatchObject({
      state: 'ended',
      ended: { proof: { right: { outcome: 'proven' }, sessions: { outcome: 'proven' } } },
    });
    expect(ended.ended).not.toHaveProperty('lateMs');
    expect(await isMember('pgrole-ana')).toBe(false);
    const grant = await desk.store.documents.get('grant', given.id);
    expect(grant?.body).toMatchObject({ who: 'pgrole-ana', system: 'payments', role, by: 'olga' });
    expect(desk.told.map(({ action }) => action)).toEqual(['access.given', 'access.ended']);
  });

  it('wakes an account that sleeps, and the server itself refuses its password afterwards', async () => {
    const bea = await bed.person('pgrole-bea');
    await bed.pg.query(`ALTER ROLE "pgrole-bea" VALID UNTIL '2020-02-02T00:00:00Z'`);
    await expect(bed.session(bea)).rejects.toThrow(/password authentication failed/);
    const given = await start(vigia, 'pgrole-bea');
    expect(given.plan.changes[1]).toContain('valid until the end of this access');
    expect(await validUntil('pgrole-bea')).toEqual(new Date(given.given!.to));
    await (await bed.session(bea)).client.end();
    await vigia.takeBack(given.id, { by: 'rita', roles: [], reason: 'done' });
    expect(await vigia.advance(given.id)).toMatchObject({ state: 'ended' });
    expect(await validUntil('pgrole-bea')).toEqual(new Date('2020-02-02T00:00:00Z'));
    await expect(bed.session(bea)).rejects.toThrow(/password authentication failed/);
  });

  it('leaves an account awake as long as the longer of two grants lasts', async () => {
    await bed.person('pgrole-cai');
    await bed.pg.query('CREATE ROLE "pgrole-other" NOLOGIN');
    await bed.pg.query(`ALTER ROLE "pgrole-cai" VALID UNTIL '-infinity'`);
    const short = await start(vigia, 'pgrole-cai', 10);
    const long = await desk.given(vigia, { system: 'payments', role: 'pgrole-other', account: 'pgrole-cai' });
    desk.wait(11 * MINUTE);
    expect(await vigia.advance(short.id)).toMatchObject({ state: 'ended' });
    expect(await validUntil('pgrole-cai')).toEqual(new Date(long.given!.to));
    desk.wait(30 * MINUTE);
    expect(await vigia.advance(long.id)).toMatchObject({ state: 'ended' });
    expect(await validUntil('pgrole-cai')).toEqual(new Date(short.given!.to));
  });

  it.each([
    ['has it already', 'pgrole-has', /has "pgrole-admin" already, for good/],
    ['is a superuser', 'postgres', /already, for good/],
    ['is nobody', 'pgrole-nobody', /does not exist/],
    ['cannot log on', 'pgrole-nologin', /no account that logs on/],
    ['is Vigia itself', 'svc-vigia-pgrole', /account of Vigia/],
  ])('is not asked for by an account that %s', async (_, account, message) => {
    if (account === 'pgrole-has') {
      await bed.person(account);
      await bed.pg.query(`GRANT "pgrole-admin" TO "${account}"`);
    }
    if (account === 'pgrole-nologin') await bed.pg.query('CREATE ROLE "pgrole-nologin" NOLOGIN');
    const asked = vigia.request({ system: 'payments', role, account, why: 'x', minutes: 30 }, 'rita');
    await expect(asked).rejects.toThrow(message);
  });

  it('takes nothing from an account that took the name of the one that got it', async () => {
    await bed.person('pgrole-dan');
    const given = await start(vigia, 'pgrole-dan');
    await bed.pg.query('ALTER ROLE "pgrole-dan" RENAME TO "pgrole-moved"');
    await bed.person('pgrole-dan');
    const session = await bed.session({ name: 'pgrole-dan', password: 'Va1-pgrole-dan-secret' });
    desk.wait(31 * MINUTE);
    expect(await vigia.advance(given.id)).toMatchObject({ state: 'ended' });
    expect(await isMember('pgrole-moved')).toBe(false);
    expect((await session.client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await session.client.end();
  });

  it('is not given when the approved role is another one by then', async () => {
    await bed.person('pgrole-eva');
    await bed.pg.query('CREATE ROLE "pgrole-once" NOLOGIN');
    const asked = await vigia.request(
      { system: 'payments', role: 'pgrole-once', account: 'pgrole-eva', why: 'x', minutes: 5 },
      'rita',
    );
    await bed.pg.query('DROP ROLE "pgrole-once"');
    await bed.pg.query('CREATE ROLE "pgrole-once" SUPERUSER');
    await vigia.approve(asked.id, { by: 'olga', roles: ['approver'], planHash: asked.planHash });
    const calls = desk.calls.length;
    expect(await vigia.advance(asked.id)).toMatchObject({ state: 'failed' });
    expect(desk.calls).toHaveLength(calls);
  });

  it('is ended later, and said to be late, when the server cannot be reached at its end', async () => {
    await bed.person('pgrole-fay');
    const given = await start(vigia, 'pgrole-fay');
    const away = desk.process({
      targets: { payments: { ...bed.target, url: bed.target.url.replace(/:\d+\//, ':1/') } },
    });
    desk.wait(31 * MINUTE);
    const ending = await away.advance(given.id);
    expect(ending).toMatchObject({
      state: 'ending',
      trouble: { detail: expect.stringMatching(/ECONNREFUSED/) },
    });
    expect(await vigia.due()).toEqual([]);
    desk.wait(6 * MINUTE);
    const ended = await vigia.advance(given.id);
    expect(ended).toMatchObject({ state: 'ended' });
    expect(ended.ended!.lateMs).toBeGreaterThanOrEqual(7 * MINUTE);
    expect(desk.told.at(-1)).toMatchObject({
      action: 'access.ended',
      details: { lateSeconds: expect.any(Number) },
    });
  });

  it('sends nothing at its end for what somebody else took away already', async () => {
    await bed.person('pgrole-gil');
    const given = await start(vigia, 'pgrole-gil');
    await bed.pg.query('REVOKE "pgrole-admin" FROM "pgrole-gil"');
    const calls = desk.calls.length;
    desk.wait(31 * MINUTE);
    expect(await vigia.advance(given.id)).toMatchObject({ state: 'ended', attempts: 0 });
    expect(desk.calls).toHaveLength(calls);
  });

  it('works for an account of Vigia that has no more rights than the manual asks for', async () => {
    await bed.person('pgrole-hal');
    const least = await bed.leastAccount('pgrole-least', [role]);
    const small = desk.process({ targets: { payments: least } });
    const given = await start(small, 'pgrole-hal');
    expect(given).toMatchObject({ state: 'active' });
    const session = await bed.session({ name: 'pgrole-hal', password: 'Va1-pgrole-hal-secret' });
    desk.wait(31 * MINUTE);
    expect(await small.advance(given.id)).toMatchObject({ state: 'ended' });
    await session.ended;
    expect(session.client).toBeInstanceOf(Client);
  });
});
