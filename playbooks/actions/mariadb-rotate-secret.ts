/** Gives a MariaDB account a new secret that nobody has seen: the server gets only its hash, its owner a file. */
import { createHash } from 'node:crypto';
import { errors } from '../../core/errors.ts';
import { backticked, type Mariadb } from '../../targets/mariadb.ts';
import { action, said } from '../action.ts';
import { type DatabaseAccountInput, databaseAccountInput } from '../inputs.ts';
import {
  findMariadbAccount,
  type MariadbAccount,
  mariadbSubject,
  mariadbTarget,
  nameOf,
} from '../mariadb-account.ts';

interface Before extends MariadbAccount {
  /** Of the handover folder: the name of the file, which says nothing. */
  readonly file: string;
}

/** The one way of logging on whose hash we can make ourselves. */
const PLUGIN = 'mysql_native_password';

export const mariadbRotateSecret = action<DatabaseAccountInput, Before, { file: string }>({
  id: 'mariadb.rotate-secret',
  title: 'Give a MariaDB account a new secret',
  risk: 'destructive',
  input: databaseAccountInput,
  plan: (input, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const account = await findMariadbAccount(database, input.account);
      const ways = await waysOf(database, account);
      if (ways !== PLUGIN)
        throw errors.refused(
          `${said(nameOf(account))} logs on by ${ways}, and Vigia can only set secrets of ${PLUGIN}`,
          'give it a new secret by hand',
        );
      const handover = ctx.handover(input.system);
      const file = handover.name(nameOf(account));
      return {
        plan: {
          targets: [mariadbTarget(input.system, database, account)],
          changes: [`~ account ${said(nameOf(account))} gets a new secret; the old one no longer works`],
          stays: ['connections that are open; its grants, and whether it is locked'],
          undo: 'impossible: the old secret is known to others and is not kept; rotate again instead',
          proof: 'compares the hash that the server has with the secret in the handover folder',
          bounds: { accounts: 1 },
          observed: { accounts: 1 },
        },
        subjects: [mariadbSubject(input.system, account)],
        before: { ...account, file },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const secret = await ctx.handover(input.system).make(before.file);
      const name = `${backticked(before.user)}@${backticked(before.host)}`;
      await database.change('setting a new secret', [
        `ALTER USER ${name} IDENTIFIED VIA ${PLUGIN} USING '${hashOf(secret)}'`,
      ]);
      return { file: before.file };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const handover = ctx.handover(input.system);
      const secret = handover.read(before.file);
      const [row] = await database.read(
        'comparing the secret',
        `SELECT JSON_VALUE(Priv, '$.authentication_string') = ? AS same FROM mysql.global_priv WHERE User = ? AND Host = ?`,
        [secret === undefined ? '' : hashOf(secret), before.user, before.host],
      );
      return secret !== undefined && Number(row?.['same']) === 1
        ? {
            outcome: 'proven',
            detail: `the new secret is in force; its owner finds it in ${handover.place(before.file)}`,
          }
        : { outcome: 'not-proven', detail: 'the account does not have the new secret; plan a new run' };
    }),
  undo: 'the old secret is known to others and is not kept; rotate again instead',
});

async function waysOf(database: Mariadb, { user, host }: MariadbAccount): Promise<string> {
  const [row] = await database.read(
    'reading how it logs on',
    `SELECT JSON_VALUE(Priv, '$.plugin') AS plugin, JSON_EXISTS(Priv, '$.auth_or') AS more
       FROM mysql.global_priv WHERE User = ? AND Host = ?`,
    [user, host],
  );
  return Number(row?.['more']) === 1 ? 'several ways' : String(row?.['plugin'] || PLUGIN);
}

/** As the server keeps it: SHA-1 twice, which a secret of 144 random bits can bear. */
function hashOf(secret: string): string {
  const once = createHash('sha1').update(secret).digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}
