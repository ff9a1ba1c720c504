import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newSecret } from '../../targets/handover.ts';
import { type OracleRecord, oracleRecord } from '../../tests/proofs/oracle-record.ts';
import { oracleError, SECRET } from '../../tests/proofs/recorded-database.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { oracleRotateSecret } from './oracle-rotate-secret.ts';

const SET = `ALTER USER "PAYMENTS_ADMIN" IDENTIFIED BY "${SECRET}"`;
const END_ROLLOVER = 'ALTER USER "PAYMENTS_ADMIN" EXPIRE PASSWORD ROLLOVER PERIOD';

describe('oracle.rotate-secret over recorded statements', () => {
  let oracle: OracleRecord;
  afterEach(() => {
    expect(oracle.refused).toEqual([]);
    oracle.close();
  });
  const secret = () => readFileSync(join(oracle.handover, readdirSync(oracle.handover)[0]!), 'utf8').trim();
  const open = (
    given: Parameters<typeof oracleRecord>[0] = {},
    { fault, lost = false }: { fault?: (secret: unknown) => Error; lost?: boolean } = {},
  ) => {
    oracle = oracleRecord(given, (account) => ({
      [SET]: ([set]) => {
        if (fault) throw fault(set);
        Object.assign(account, { secret: set, secretSince: '2026-11-28 09:00:00' });
        if (account.rollsOver) account.status = 'OPEN & IN ROLLOVER';
        if (lost) throw new Error('NJS-500: connection terminated unexpectedly');
      },
      [END_ROLLOVER]: () => void (account.status = 'OPEN'),
    }));
    return verbs(oracleRotateSecret, oracle);
  };

  it('sets a secret that only the handover folder has, and proves it by logging on', async () => {
    const rotate = open();
    await rotate.plan({ account: 'PAYMENTS_ADMIN' });
    expect(await rotate.verify()).toMatchObject({ outcome: 'not-proven' });
    await rotate.act();
    expect(oracle.changes).toEqual([SET]);
    expect(await rotate.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining(oracle.handover),
    });
  });

  it('ends the time in which the old secret works beside the new one', async () => {
    const rotate = open({ rollsOver: true });
    await rotate.plan({ account: 'PAYMENTS_ADMIN' });
    await rotate.act();
    expect(oracle.changes[1]).toBe(END_ROLLOVER);
    expect(await rotate.verify()).toMatchObject({ outcome: 'proven' });
    oracle.account.status = 'OPEN & IN ROLLOVER';
    expect(await rotate.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('old secret works'),
    });
  });

  it('proves it for an expired account, which the server tells only to who knows the secret', async () => {
    const rotate = open();
    await rotate.plan({ account: 'PAYMENTS_ADMIN' });
    await rotate.act();
    oracle.account.status = 'EXPIRED';
    expect(await rotate.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('believes the answer of the server when the account is locked', async () => {
    const rotate = open({ status: 'LOCKED' });
    await rotate.plan({ account: 'PAYMENTS_ADMIN' });
    expect(await rotate.verify()).toMatchObject({ outcome: 'not-proven' });
    await rotate.act();
    expect(await rotate.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining('2026-11-28 09:00:00'),
    });
  });

  it('does not know it when the account is locked and the answer was lost', async () => {
    const rotate = open({ status: 'LOCKED' }, { lost: true });
    await rotate.plan({ account: 'PAYMENTS_ADMIN' });
    await expect(rotate.act()).rejects.toMatchObject({ exitCode: 3 });
    expect(await rotate.verify()).toMatchObject({ outcome: 'unknown' });
    oracle.account.status = 'OPEN';
    expect(await rotate.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('never shows the secret, not even when the server quotes the statement', async () => {
    const rotate = open({}, { fault: (set) => oracleError(922, `missing or invalid option near "${set}"`) });
    await rotate.plan({ account: 'PAYMENTS_ADMIN' });
    const failure: unknown = await rotate.act().catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ exitCode: 3, message: expect.stringContaining('ORA-00922') });
    const everything = (one: unknown): string =>
      one instanceof Error ? `${one.message} ${one.stack} ${everything(one.cause)}` : String(one);
    expect(everything(failure)).not.toContain(secret());
  });

  it('refuses an account without a password', async () => {
    const planned = open({ authentication: 'EXTERNAL' }).plan({ account: 'PAYMENTS_ADMIN' });
    await expect(planned).rejects.toMatchObject({ exitCode: 4 });
  });

  it('makes secrets that Oracle takes', () => {
    oracle = oracleRecord({}, () => ({}));
    expect(newSecret()).toMatch(/^[\w-]{24}\.A1a$/);
  });
});
