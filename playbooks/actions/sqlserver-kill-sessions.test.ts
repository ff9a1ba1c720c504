import { afterEach, describe, expect, it } from 'vitest';
import {
  type LoginState,
  type SqlServerRecord,
  sqlServerRecord,
} from '../../tests/proofs/sqlserver-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { sqlserverKillSessions } from './sqlserver-kill-sessions.ts';

describe('sqlserver.kill-sessions over recorded statements', () => {
  let server: SqlServerRecord;
  afterEach(() => {
    expect(server.refused).toEqual([]);
    server.close();
  });
  const open = (sessions: LoginState['sessions'], name = 'payments_app') => {
    server = sqlServerRecord({ sessions, name }, () => ({}));
    return verbs(sqlserverKillSessions, server);
  };

  it('ends each session only while it is that login’s', async () => {
    const kill = open(new Map([[57, 'ends']]), "o'neill");
    await kill.plan({ account: "o'neill" });
    expect(await kill.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('57'),
    });
    expect(await kill.act()).toEqual({ ended: 1 });
    expect(server.changes).toEqual([
      "IF EXISTS (SELECT 1 FROM sys.dm_exec_sessions WHERE session_id = 57 AND original_login_name = N'o''neill') KILL 57",
    ]);
    expect(await kill.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('goes on with the others when one is gone', async () => {
    const kill = open(
      new Map([
        [57, 'is gone'],
        [60, 'ends'],
      ]),
    );
    await kill.plan({ account: 'payments_app' });
    await kill.act();
    expect(server.changes).toHaveLength(2);
    expect(await kill.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('ends none when there are more than approved', async () => {
    const kill = open(new Map([[57, 'ends']]));
    await kill.plan({ account: 'payments_app', maxSessions: 1 });
    server.login.sessions.set(58, 'ends');
    await expect(kill.act()).rejects.toMatchObject({ exitCode: 4 });
    expect(server.changes).toEqual([]);
  });
});
