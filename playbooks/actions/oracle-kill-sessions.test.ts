import { afterEach, describe, expect, it } from 'vitest';
import { type OracleRecord, type OracleState, oracleRecord } from '../../tests/proofs/oracle-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { oracleKillSessions } from './oracle-kill-sessions.ts';

describe('oracle.kill-sessions over recorded statements', () => {
  let oracle: OracleRecord;
  afterEach(() => {
    expect(oracle.refused).toEqual([]);
    oracle.close();
  });
  const open = (sessions: OracleState['sessions']) => {
    oracle = oracleRecord({ sessions }, () => ({}));
    return verbs(oracleKillSessions, oracle);
  };

  it('ends the sessions of every instance by number and serial number, and no other', async () => {
    const kill = open(
      new Map([
        ['41,900,@1', 'ends'],
        ['77,12,@2', 'ends'],
      ]),
    );
    const { plan } = await kill.plan({ account: 'PAYMENTS_ADMIN' });
    expect(plan.observed).toMatchObject({ sessions: 2 });
    expect(await kill.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('41@1, 77@2'),
    });
    expect(await kill.act()).toEqual({ ended: 2 });
    expect(oracle.changes).toEqual([
      "ALTER SYSTEM KILL SESSION '41,900,@1' IMMEDIATE",
      "ALTER SYSTEM KILL SESSION '77,12,@2' IMMEDIATE",
    ]);
    expect(await kill.verify()).toMatchObject({ outcome: 'proven' });
  });

  it.each(['is gone', 'is marked'] as const)('goes on with the others when one %s', async (how) => {
    const kill = open(
      new Map([
        ['41,900,@1', how],
        ['77,12,@1', 'ends'],
      ]),
    );
    await kill.plan({ account: 'PAYMENTS_ADMIN' });
    await kill.act();
    expect(oracle.changes).toHaveLength(2);
    expect(await kill.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('ends none when there are more than approved', async () => {
    const kill = open(new Map([['41,900,@1', 'ends']]));
    await kill.plan({ account: 'PAYMENTS_ADMIN', maxSessions: 1 });
    oracle.account.sessions.set('78,1,@1', 'ends');
    await expect(kill.act()).rejects.toMatchObject({ exitCode: 4 });
    expect(oracle.changes).toEqual([]);
  });
});
