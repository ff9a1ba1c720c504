import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SECRET, sqlServerError } from '../../tests/proofs/recorded-database.ts';
import { type SqlServerRecord, sqlServerRecord } from '../../tests/proofs/sqlserver-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { sqlserverRotateSecret } from './sqlserver-rotate-secret.ts';

const SET = `ALTER LOGIN [payments_app] WITH PASSWORD = N'${SECRET}'`;

describe('sqlserver.rotate-secret over recorded statements', () => {
  let server: SqlServerRecord;
  afterEach(() => {
    expect(server.refused).toEqual([]);
    server.close();
  });
  const secret = () => readFileSync(join(server.handover, readdirSync(server.handover)[0]!), 'utf8').trim();
  const open = (given: Parameters<typeof sqlServerRecord>[0] = {}, fault?: (secret: unknown) => Error) => {
    server = sqlServerRecord(given, (login) => ({
      [SET]: ([set]) => {
        login.secret = String(set);
        if (fault) throw fault(set);
      },
    }));
    return verbs(sqlserverRotateSecret, server);
  };

  it('sets a secret that only the handover folder has, and lets the server compare it', async () => {
    const rotate = open();
    await rotate.plan({ account: 'payments_app' });
    expect(await rotate.verify()).toMatchObject({ outcome: 'not-proven' });
    await rotate.act();
    expect(server.changes).toEqual([SET]);
    expect(server.login.secret).toBe(secret());
    expect(await rotate.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining(server.handover),
    });
  });

  it('proves it although the answer was lost', async () => {
    const rotate = open({}, () => new Error('Connection lost - read ECONNRESET'));
    await rotate.plan({ account: 'payments_app' });
    await expect(rotate.act()).rejects.toMatchObject({ exitCode: 3 });
    expect(await rotate.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('never shows the secret, not even when the server quotes the statement', async () => {
    const rotate = open({}, (set) => sqlServerError(102, `Incorrect syntax near '${set}'.`));
    await rotate.plan({ account: 'payments_app' });
    const failure: unknown = await rotate.act().catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ message: expect.stringContaining("Incorrect syntax near '<masked>'") });
    const everything = (one: unknown): string =>
      one instanceof Error ? `${one.message} ${one.stack} ${everything(one.cause)}` : String(one);
    expect(everything(failure)).not.toContain(secret());
  });

  it('refuses the login of a Windows account', async () => {
    const planned = open({ name: 'INST\\anna', type: 'U' }).plan({ account: 'INST\\anna' });
    await expect(planned).rejects.toMatchObject({ exitCode: 4 });
  });
});
