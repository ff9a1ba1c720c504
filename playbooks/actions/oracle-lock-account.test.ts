import { afterEach, describe, expect, it } from 'vitest';
import { type OracleRecord, oracleRecord } from '../../tests/proofs/oracle-record.ts';
import { oracleError } from '../../tests/proofs/recorded-database.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { oracleLockAccount } from './oracle-lock-account.ts';

const LOCK = 'ALTER USER "PAYMENTS_ADMIN" ACCOUNT LOCK';
const UNLOCK = 'ALTER USER "PAYMENTS_ADMIN" ACCOUNT UNLOCK';

describe('oracle.lock-account over recorded statements', () => {
  let oracle: OracleRecord;
  afterEach(() => {
    expect(oracle.refused).toEqual([]);
    oracle.close();
  });
  const open = (given: Parameters<typeof oracleRecord>[0] = {}) => {
    oracle = oracleRecord(given, (account) => ({
      [LOCK]: () => void (account.status = account.status === 'EXPIRED' ? 'EXPIRED & LOCKED' : 'LOCKED'),
      [UNLOCK]: () => void (account.status = account.status.startsWith('EXPIRED') ? 'EXPIRED' : 'OPEN'),
    }));
    return verbs(oracleLockAccount, oracle);
  };

  it('locks the account, proves it although the answer was lost, and gives it back', async () => {
    const lock = open({ jobs: 3 });
    const { plan, subjects } = await lock.plan({ account: 'payments_admin' });
    expect(plan).toMatchObject({
      targets: [{ system: 'oracle', identity: '2839001122/117', name: 'PAYMENTS_ADMIN' }],
      observed: { jobs: 3 },
    });
    expect(subjects[0]?.names).toEqual(['PAYMENTS_ADMIN']);
    expect(await lock.verify()).toMatchObject({ outcome: 'not-proven' });
    lock.loseNextAnswer();
    await expect(lock.act()).rejects.toThrow(/answer was lost/);
    expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
    expect(await lock.undo()).toMatchObject({ outcome: 'proven', detail: 'unlocked, as before' });
    expect(oracle.changes).toEqual([LOCK, UNLOCK]);
    expect(oracle.account.status).toBe('OPEN');
  });

  it.each([
    ['LOCKED', []],
    ['EXPIRED & LOCKED', []],
    // Ends by itself after a while.
    ['LOCKED(TIMED)', [LOCK]],
    ['EXPIRED', [LOCK]],
    ['OPEN & IN ROLLOVER', [LOCK]],
  ])('takes an account that is %s for what it is', async (status, sent) => {
    const lock = open({ status });
    await lock.plan({ account: 'PAYMENTS_ADMIN' });
    await lock.act();
    expect(oracle.changes).toEqual(sent);
    expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('leaves one locked that was locked before', async () => {
    const lock = open({ status: 'LOCKED' });
    const { plan } = await lock.plan({ account: 'PAYMENTS_ADMIN' });
    expect(plan.changes).toEqual([]);
    await lock.act();
    expect(await lock.undo()).toMatchObject({ outcome: 'proven', detail: 'locked, as before' });
    expect(oracle.changes).toEqual([]);
  });

  it('locks a common account in the root for every container', async () => {
    const name = 'C##ADM';
    oracle = oracleRecord({ name, common: 'YES' }, (account) => ({
      'ALTER USER "C##ADM" ACCOUNT LOCK CONTAINER=ALL': () => void (account.status = 'LOCKED'),
    }));
    const lock = verbs(oracleLockAccount, oracle);
    await lock.plan({ account: 'c##adm' });
    await lock.act();
    expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
  });

  it.each([
    [
      'an account of the root, seen from a container',
      { inherited: 'YES' as const },
      /CDB\$ROOT|container/,
      4,
    ],
    ['an account that Oracle keeps', { maintained: 'Y' as const }, /Oracle itself keeps/, 4],
    ['an account that is not there', { name: 'OTHER' }, /does not exist/, 1],
  ])('refuses %s', async (_, given, message, exitCode) => {
    const planned = open(given).plan({ account: 'PAYMENTS_ADMIN' });
    await expect(planned).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) });
  });

  it('says what the account of Vigia lacks', async () => {
    oracle = oracleRecord({}, () => ({
      [LOCK]: () => {
        throw oracleError(1031, 'insufficient privileges');
      },
    }));
    const lock = verbs(oracleLockAccount, oracle);
    await lock.plan({ account: 'PAYMENTS_ADMIN' });
    await expect(lock.act()).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('ORA-01031'),
      hint: expect.stringContaining('operator guide'),
    });
  });
});
