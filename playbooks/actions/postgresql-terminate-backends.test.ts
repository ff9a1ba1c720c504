import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { postgresqlTerminateBackends } from './postgresql-terminate-backends.ts';

const samba = await need('samba');
const postgres = await need('postgres');

postgres.describe('postgresql.terminate-backends', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'backends');
  });
  afterAll(() => bed.close());

  it('ends every session of the role and none of another, and warns when the role may log on again', async () => {
    const [ada, bo] = [await bed.person('backends-ada'), await bed.person('backends-bo')];
    const sessions = [await bed.session(ada), await bed.session(ada), await bed.session(ada)];
    const other = await bed.session(bo);
    const end = verbs(postgresqlTerminateBackends, bed);
    expect((await end.plan({ role: ada.name })).plan.observed).toMatchObject({ sessions: 3 });
    expect(await end.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/^3 sessions of the role are open \(pid /),
    });
    expect(await end.act()).toMatchObject({ ended: [{ ended: true }, { ended: true }, { ended: true }] });
    expect(await end.verify()).toEqual({
      outcome: 'proven',
      detail: 'no session of the role is open; it may still log on',
    });
    await Promise.all(sessions.map(({ ended }) => ended));
    expect((await other.client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await other.client.end();
  });

  it('ends at most as many sessions as were approved', async () => {
    const cy = await bed.person('backends-cy');
    const sessions = [await bed.session(cy), await bed.session(cy)];
    const end = verbs(postgresqlTerminateBackends, bed);
    await end.plan({ role: cy.name, maxSessions: 1 });
    await end.act();
    expect(await end.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/^1 sessions/),
    });
    await Promise.race(sessions.map(({ ended }) => ended));
    await Promise.all(sessions.map(({ client }) => client.end()));
  });

  it('sends nothing when no session is open', async () => {
    await bed.person('backends-di');
    const end = verbs(postgresqlTerminateBackends, bed);
    await end.plan({ role: 'backends-di' });
    expect([await end.act(), end.calls]).toEqual([{ ended: [] }, []]);
  });
});
