/** Takes away privileges that accounts have for good, as the report on standing privileges finds them. */
import type { Plan } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { bareName } from '../../core/grants.ts';
import { type Action, type ActionContext, action, type StandingPrivilege, said } from '../action.ts';
import { atMost, line } from '../inputs.ts';
import { together } from '../pam.ts';
import { directoryRemoveFromPrivilegedGroups } from './directory-remove-from-privileged-groups.ts';
import { postgresqlStripRole } from './postgresql-strip-role.ts';

interface Input {
  readonly system: string;
  readonly accounts: readonly string[];
  readonly dormant: boolean;
  readonly except: readonly string[];
  readonly maxAccounts: number;
}

type How = 'directory' | 'postgresql';

/** What the action of that kind of target works with. */
interface Part {
  readonly account: string;
  readonly input: unknown;
  readonly before: unknown;
  readonly plan: Plan;
}

interface Before {
  readonly how: How;
  readonly parts: readonly Part[];
}

const MOST_MEMBERSHIPS = 50;

const ways: Readonly<Record<How, { readonly act: Action; input(system: string, account: string): unknown }>> =
  {
    directory: {
      act: directoryRemoveFromPrivilegedGroups,
      input: (system, account) => ({ system, account, maxMemberships: MOST_MEMBERSHIPS }),
    },
    postgresql: {
      act: postgresqlStripRole,
      input: (system, role) => ({ system, role, maxMemberships: MOST_MEMBERSHIPS }),
    },
  };

const names = (description: string) => ({
  type: 'array',
  maxItems: 200,
  default: [],
  items: line(256),
  description,
});

export const pamExpireStanding = action<Input, Before, unknown[]>({
  id: 'pam.expire-standing',
  title: 'Take away standing privileges',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['system'],
    additionalProperties: false,
    properties: {
      system: { ...line(256), description: 'A directory or a PostgreSQL server, as the settings name it.' },
      accounts: names('Accounts that lose them.'),
      dormant: {
        type: 'boolean',
        default: false,
        description:
          'Also every account whose privilege nobody used for so long as policies/access.yml says.',
      },
      except: names('Accounts that keep them, dormant or not.'),
      maxAccounts: atMost('accounts', 20, 200),
    },
  },
  async plan(input, ctx) {
    const { how, found } = await chosen(input, ctx);
    const planned = [];
    for (const { account, dormant } of found) {
      const own = ways[how].input(input.system, account);
      planned.push({ account, dormant, input: own, ...(await ways[how].act.plan(own, ctx)) });
    }
    const one = ways[how].act;
    return {
      plan: {
        targets: planned.flatMap(({ plan }) => plan.targets),
        changes: planned.flatMap(({ plan, account, dormant }) =>
          plan.changes.map((change) => (dormant ? `${change} (${said(account)} is dormant)` : change)),
        ),
        stays: [
          ...(planned.length === 0 ? ['nobody who was named has a standing privilege there'] : []),
          ...new Set(planned.flatMap(({ plan }) => plan.stays)),
          'privileges that Vigia gave for a time (pam.end-access)',
        ],
        undo: planned[0]?.plan.undo ?? `as ${one.title} is undone, account by account`,
        proof: planned[0]?.plan.proof ?? 'asks the target again',
        bounds: { accounts: input.maxAccounts },
        observed: { accounts: planned.length, accountList: planned.map(({ account }) => account) },
      },
      subjects: planned.flatMap(({ subjects }) => subjects),
      before: {
        how,
        parts: planned.map(({ account, input: own, before, plan }) => ({
          account,
          input: own,
          before,
          plan,
        })),
      },
    };
  },
  async act({ before: { how, parts }, plan }, ctx) {
    if (parts.length > (plan.bounds['accounts'] ?? 0))
      throw errors.refused('more accounts have standing privileges than approved');
    const receipts: unknown[] = [];
    for (const part of parts) receipts.push(await ways[how].act.act(part, ctx));
    return receipts;
  },
  async verify({ before: { how, parts } }, ctx) {
    const proofs = [];
    for (const part of parts) {
      const proof = await ways[how].act.verify(part, ctx);
      proofs.push({ ...proof, detail: `${said(part.account)}: ${proof.detail}` });
    }
    return together(proofs);
  },
  async undo({ before: { how, parts } }, ctx) {
    const { undo } = ways[how].act;
    if (typeof undo === 'string') return { outcome: 'not-proven', detail: undo };
    const proofs = [];
    for (const part of parts.toReversed()) {
      const proof = await undo(part, ctx);
      proofs.push({ ...proof, detail: `${said(part.account)}: ${proof.detail}` });
    }
    return together(proofs);
  },
});

async function chosen(
  { system, accounts, dormant, except }: Input,
  ctx: ActionContext,
): Promise<{ how: How; found: readonly StandingPrivilege[] }> {
  if (accounts.length === 0 && !dormant)
    throw errors.usage('nobody is named', 'name accounts, or say dormant: true');
  const kind = ctx.kindOf(system);
  const how = kind === 'postgresql' ? 'postgresql' : kind?.startsWith('directory') ? 'directory' : undefined;
  if (how === undefined)
    throw errors.usage(
      `${said(system)} is ${kind === undefined ? 'no target' : `a ${kind}`}`,
      'name a directory or a PostgreSQL server of the settings',
    );
  const report = await ctx.access.standing(ctx.privilegedGroups);
  const why = report.notAsked.find((one) => one.system === system)?.why;
  // A report without the target would look as if nobody had anything there.
  if (why !== undefined) throw errors.remote(system, 'reading standing privileges', why);
  const isIn = (list: readonly string[], name: string) =>
    list.some((one) => bareName(one) === bareName(name));
  const there = report.standing.filter((one) => one.system === system);
  return {
    how,
    found: there.filter(
      (one) =>
        // What Vigia gave ends by itself, and taking it away here would break its proof.
        one.access === undefined &&
        !isIn(except, one.account) &&
        (isIn(accounts, one.account) || (dormant && one.dormant)),
    ),
  };
}
