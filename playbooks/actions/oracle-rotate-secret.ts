/** Gives an account of an Oracle database a new secret that nobody has seen; its owner finds it in a file. */
import { errors } from '../../core/errors.ts';
import { doubleQuoted } from '../../targets/account-server.ts';
import { action, type Proof, said } from '../action.ts';
import type { DatabaseAccountInput } from '../inputs.ts';
import {
  acceptsOldSecret,
  everywhere,
  findOracleAccount,
  type OracleAccount,
  oracleAccountInput,
  oracleSubject,
  oracleTarget,
  quotedAccount,
  readOracleAccount,
  UNTRIED,
} from '../oracle-account.ts';

interface Before extends OracleAccount {
  /** Of the handover folder: the name of the file, which says nothing. */
  readonly file: string;
}

export const oracleRotateSecret = action<DatabaseAccountInput, Before, { file: string }>({
  id: 'oracle.rotate-secret',
  title: 'Give an account of an Oracle database a new secret',
  untried: UNTRIED,
  risk: 'destructive',
  input: oracleAccountInput,
  plan: (input, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const account = await findOracleAccount(database, input.account);
      if (account.authentication !== 'PASSWORD')
        throw errors.refused(
          `${said(account.name)} does not log on by password (${account.authentication})`,
          'give it a new secret where it is authenticated',
        );
      const handover = ctx.handover(input.system);
      return {
        plan: {
          targets: [oracleTarget(input.system, database, account)],
          changes: [
            `~ account ${said(account.name)} gets a new secret; the old one no longer works, nor one in rollover`,
          ],
          stays: [
            'sessions that are open; its rights, and whether it is locked',
            'Oracle knows no documented way to set a hash: the secret itself goes to the server, encrypted',
          ],
          undo: 'impossible: the old secret is known to others and is not kept; rotate again instead',
          proof: 'logs on with the secret in the handover folder',
          bounds: { accounts: 1 },
          observed: { accounts: 1, secretSince: account.secretSince },
        },
        subjects: [oracleSubject(input.system, account)],
        before: { ...account, file: handover.name(account.name) },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const secret = await ctx.handover(input.system).make(before.file);
      const name = quotedAccount(before);
      await database.change('setting a new secret', [
        {
          sql: `ALTER USER ${name} IDENTIFIED BY ${doubleQuoted(secret)}${everywhere(before.common)}`,
          secret,
        },
      ]);
      const now = await readOracleAccount(database, before);
      if (now !== undefined && acceptsOldSecret(now))
        await database.change('ending the life of the old secret', [
          { sql: `ALTER USER ${name} EXPIRE PASSWORD ROLLOVER PERIOD${everywhere(before.common)}` },
        ]);
      return { file: before.file };
    }),
  verify: ({ input, before, receipt }, ctx) =>
    ctx.oracle(input.system, async (database): Promise<Proof> => {
      const handover = ctx.handover(input.system);
      const secret = handover.read(before.file);
      const now = await readOracleAccount(database, before);
      const lacks = {
        outcome: 'not-proven',
        detail: 'the account does not have the new secret; plan a new run',
      } as const;
      if (secret === undefined || now === undefined) return lacks;
      if (acceptsOldSecret(now))
        return { outcome: 'not-proven', detail: 'the old secret works beside the new one; plan a new run' };
      const answer = await database.accepts(before.name, secret);
      if (answer === 'refused') return lacks;
      const where = `its owner finds it in ${handover.place(before.file)}`;
      if (answer === 'accepted') return { outcome: 'proven', detail: `the new secret is in force; ${where}` };
      // Nobody can log on to a locked account, with whatever secret.
      if (now.secretSince === before.secretSince) return lacks;
      return receipt === undefined
        ? {
            outcome: 'unknown',
            detail: `the secret was set at ${now.secretSince}, but whether it is ours only shows when the account is unlocked; then resume, or plan a new run`,
          }
        : { outcome: 'proven', detail: `the server took the new secret at ${now.secretSince}; ${where}` };
    }),
  undo: 'the old secret is known to others and is not kept; rotate again instead',
});
