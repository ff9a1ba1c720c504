/** Ends sessions of `vigia access ssh` that are open now, on the host itself: the gateway runs where its person sits. */
import type { Access } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { killProcessesOf, processesOf } from '../../targets/host-accounts.ts';
import { action, said } from '../action.ts';
import { findHostAccount, hostAccountSubject } from '../host-account.ts';
import { atMost } from '../inputs.ts';
import { type HolderInput, holderInput, openOf, together } from '../pam.ts';

interface Input extends HolderInput {
  readonly maxSessions: number;
}

interface Holder {
  readonly access: string;
  readonly system: string;
  readonly name: string;
  readonly uid: number;
  readonly sessions: readonly string[];
}

interface Before {
  readonly holders: readonly Holder[];
}

export const pamEndRecordedSessions = action<Input, Before, { ended: number }>({
  id: 'pam.end-recorded-sessions',
  title: 'End recorded sessions on hosts',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['account'],
    additionalProperties: false,
    properties: {
      ...holderInput,
      maxSessions: atMost('open recordings', 20, 1_000),
    },
  },
  async plan(input, ctx) {
    const open = (await openOf(input, ctx)).filter((access) => openIn(access).length > 0);
    const holders = await Promise.all(
      open.map(
        async (access): Promise<Holder> => ({
          access: access.id,
          system: access.system,
          sessions: openIn(access),
          ...(await ctx.host(access.system, (host) => findHostAccount(host, access.account))),
        }),
      ),
    );
    const sessions = holders.flatMap((holder) => holder.sessions);
    return {
      plan: {
        targets: holders.map(({ system, name, uid }) => ({ system, identity: `uid ${uid}`, name })),
        changes: holders.map(
          ({ access, system, name, sessions: of }) =>
            `- kills every process of ${said(name)} on ${said(system)}, which ends ${of.length} recorded sessions of ${access}`,
        ),
        stays: [
          ...(holders.length === 0 ? ['no recorded session is open'] : []),
          'the access itself: its holder may log on again until it ends (pam.end-access)',
          'processes that it started under another account, through sudo or a service',
        ],
        undo: 'impossible: killed processes cannot be brought back; the recordings are kept',
        proof:
          'lists the processes of the account over a new connection, the connection of the gateway among them',
        bounds: { sessions: input.maxSessions },
        observed: { sessions: sessions.length, sessionList: sessions },
      },
      subjects: holders.map(({ system, name, uid }) => hostAccountSubject(system, { name, uid })),
      before: { holders },
    };
  },
  async act({ before, plan }, ctx) {
    const ended = before.holders.flatMap(({ sessions }) => sessions).length;
    if (ended > (plan.bounds['sessions'] ?? 0)) throw errors.refused('there are more sessions than approved');
    for (const { system, uid } of before.holders)
      await ctx.host(system, async (host) => {
        if ((await processesOf(host, uid)).length > 0) await killProcessesOf(host, uid);
      });
    return { ended };
  },
  verify: async ({ before }, ctx) =>
    together(
      await Promise.all(
        before.holders.map(async ({ access, system, name, uid, sessions }) => {
          const left = await ctx.host(system, (host) => processesOf(host, uid));
          if (left.length > 0)
            return {
              outcome: 'not-proven' as const,
              detail: `${left.length} processes of ${said(name)} run on ${said(system)} (${left
                .slice(0, 20)
                .map(({ pid }) => pid)
                .join(', ')}); end ${access} first, then plan a new run`,
            };
          const now = openIn(await ctx.access.get(access));
          const unsaid = sessions.filter((id) => now.includes(id)).length;
          const closed = unsaid === 0 ? '' : `; the gateway has not closed ${unsaid} recordings yet`;
          return {
            outcome: 'proven' as const,
            detail: `no process and no connection of ${said(name)} is left on ${said(system)}${closed}`,
          };
        }),
      ),
    ),
  undo: 'killed processes cannot be brought back',
});

/** Begun, and not said to be over. */
const openIn = ({ recordings }: Access): string[] =>
  recordings.filter(({ to }) => to === undefined).map(({ id }) => id);
