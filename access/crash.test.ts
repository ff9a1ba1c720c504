import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { databaseChanges, leftOn } from '../tests/proofs/access-crash.ts';
import { lostReceipts, requestsOf, tellStory } from '../tests/proofs/access-story.ts';
import { type DatabaseBed, databaseBed } from '../tests/proofs/database-bed.ts';
import { need } from '../tests/testbed/need.ts';
import { type Desk, openDesk } from './testbench/desk.ts';

const postgres = await need('postgres');

/** Processes stop at the point and never go on, as after SIGKILL; `npm run proof -- access-crash` really kills them, at every point. */
const EVERY = 3;

postgres.describe('access while the process that works on it dies', () => {
  let bed: DatabaseBed;
  let desk: Desk;
  beforeAll(async () => {
    bed = await databaseBed(postgres.component, 'acccut');
    desk = await openDesk(openEmbedded, () => ({ payments: bed.target }));
    await bed.pg.query('CREATE ROLE "acccut-power" NOLOGIN');
  });
  afterAll(async () => {
    await desk?.close();
    await bed?.close();
  });

  /** Returns the points that were reached. */
  async function story(account: string, cutAt: number): Promise<string[]> {
    const points: string[] = [];
    const { promise: died, resolve: die } = Promise.withResolvers<void>();
    const ask = { system: 'payments', role: 'acccut-power', account, why: 'x', minutes: 30 };
    const mortal = desk.process({
      onCut: async (point) => {
        points.push(point);
        if (points.length !== cutAt) return;
        die();
        await new Promise(() => undefined);
      },
    });
    await Promise.race([died, tellStory(mortal, desk.store.documents, ask, desk.wait)]);
    if (cutAt > 0) await tellStory(desk.process(), desk.store.documents, ask, desk.wait);
    return points;
  }

  it('gives once, takes once, and ends, wherever it died', { timeout: 240_000 }, async () => {
    await bed.session(await bed.person('acccut-0'));
    const points = await story('acccut-0', 0);
    expect(points.length).toBeGreaterThan(30);
    expect(databaseChanges(postgres.component, 'acccut-0')).toEqual({ GRANT: 1, REVOKE: 1, ended: 1 });
    for (let cutAt = 1; cutAt <= points.length; cutAt += EVERY) {
      const account = `acccut-${cutAt}`;
      const session = await bed.session(await bed.person(account));
      const reached = await story(account, cutAt);
      const where = `${cutAt}: ${reached.at(-1)}`;
      await session.ended;
      const requests = await requestsOf(desk.store.documents, { account } as never);
      expect(requests.at(-1)?.state, where).toBe('ended');
      expect(await leftOn(bed, account, 'acccut-power'), where).toEqual([]);
      expect(databaseChanges(postgres.component, account), where).toEqual({ GRANT: 1, REVOKE: 1, ended: 1 });
    }
    expect(await lostReceipts(desk.store.documents)).toBe(0);
  });

  it('is worked on by one of three processes', async () => {
    const session = await bed.session(await bed.person('acccut-many'));
    const ask = { system: 'payments', role: 'acccut-power', account: 'acccut-many', why: 'x', minutes: 30 };
    const processes = [desk.process(), desk.process(), desk.process()];
    const { id, planHash } = await processes[0]!.request(ask, 'rita');
    await processes[0]!.approve(id, { by: 'olga', roles: ['approver'], planHash });
    await Promise.all(processes.map((vigia) => vigia.advance(id)));
    desk.wait(31 * 60_000);
    await Promise.all(processes.map((vigia) => vigia.advance(id)));
    await session.ended;
    expect(await processes[0]!.get(id)).toMatchObject({ state: 'ended', attempts: 1 });
    expect(databaseChanges(postgres.component, 'acccut-many')).toEqual({ GRANT: 1, REVOKE: 1, ended: 1 });
  });
});
