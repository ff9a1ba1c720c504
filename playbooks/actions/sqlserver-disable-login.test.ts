import { afterEach, describe, expect, it } from 'vitest';
import { sqlServerError } from '../../tests/proofs/recorded-database.ts';
import { SID, type SqlServerRecord, sqlServerRecord } from '../../tests/proofs/sqlserver-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { sqlserverDisableLogin } from './sqlserver-disable-login.ts';

describe('sqlserver.disable-login over recorded statements', () => {
  let server: SqlServerRecord;
  afterEach(() => {
    expect(server.refused).toEqual([]);
    server.close();
  });
  const open = (given: Parameters<typeof sqlServerRecord>[0] = {}, quoted = '[payments_app]') => {
    server = sqlServerRecord(given, (login) => ({
      [`ALTER LOGIN ${quoted} DISABLE`]: () => void (login.disabled = true),
      [`ALTER LOGIN ${quoted} ENABLE`]: () => void (login.disabled = false),
    }));
    return verbs(sqlserverDisableLogin, server);
  };

  it.each([
    ['payments_app', '[payments_app]'],
    ['pay]; DROP LOGIN [sa', '[pay]]; DROP LOGIN [sa]'],
    ['INST\\anna', '[INST\\anna]'],
  ])('disables %s, proves it although the answer was lost, and gives it back', async (name, quoted) => {
    const disable = open({ name, jobs: 2 }, quoted);
    const { plan } = await disable.plan({ account: name });
    expect(plan).toMatchObject({ targets: [{ identity: `DB2\\PAY/${SID}`, name }], observed: { jobs: 2 } });
    expect(await disable.verify()).toMatchObject({ outcome: 'not-proven' });
    disable.loseNextAnswer();
    await expect(disable.act()).rejects.toThrow(/answer was lost/);
    expect(await disable.verify()).toMatchObject({ outcome: 'proven' });
    expect(await disable.undo()).toMatchObject({ outcome: 'proven', detail: 'enabled, as before' });
    expect(server.changes).toEqual([`ALTER LOGIN ${quoted} DISABLE`, `ALTER LOGIN ${quoted} ENABLE`]);
  });

  it('sends nothing for one that is disabled, and undo of that does not enable it', async () => {
    const disable = open({ disabled: true });
    await disable.plan({ account: 'payments_app' });
    await disable.act();
    expect(await disable.undo()).toMatchObject({ outcome: 'proven', detail: 'disabled, as before' });
    expect(server.changes).toEqual([]);
  });

  it('refuses a group, whose members would still get in', async () => {
    const planned = open({ name: 'INST\\ops', type: 'G' }).plan({ account: 'INST\\ops' });
    await expect(planned).rejects.toMatchObject({ exitCode: 4 });
  });

  it('means sa by its number, whatever it is called now', async () => {
    const { subjects } = await open({ name: 'renamed', number: 1 }).plan({ account: 'renamed' });
    expect(subjects[0]?.names).toContain('sa');
  });

  it('says what the account of Vigia lacks', async () => {
    const text =
      "Cannot alter the login 'payments_app', because it does not exist or you do not have permission.";
    server = sqlServerRecord({}, () => ({
      'ALTER LOGIN [payments_app] DISABLE': () => {
        throw sqlServerError(15_151, text);
      },
    }));
    const disable = verbs(sqlserverDisableLogin, server);
    await disable.plan({ account: 'payments_app' });
    await expect(disable.act()).rejects.toMatchObject({
      exitCode: 3,
      hint: expect.stringContaining('lacks'),
    });
  });
});
