/** Whether a cluster can spare a member: so many others must be healthy as the policy says. */
import { errors, VigiaError } from '../../core/errors.ts';
import type { ActionContext } from '../action.ts';
import { checkHealth } from './health.ts';
import { type Cluster, clusterOf } from './policy.ts';

export interface Spared {
  readonly cluster: Cluster;
  /** Sentences about the other members. */
  readonly others: readonly string[];
}

/** Undefined when the host is in no cluster. Too few healthy members are trouble that passes, so the run can be resumed. */
export async function expectSpare(system: string, ctx: ActionContext): Promise<Spared | undefined> {
  const cluster = clusterOf(ctx.patching, system);
  if (cluster === undefined) return undefined;
  const others = cluster.members.filter((member) => member !== system);
  const looked = await Promise.all(
    others.map(async (member) => ({ member, ill: await illnessOf(member, ctx) })),
  );
  const well = looked.filter(({ ill }) => ill === undefined).length;
  const said = looked.map(({ member, ill }) => (ill === undefined ? `${member} works` : `${member}: ${ill}`));
  if (well < cluster.keep)
    throw errors.remote(
      `cluster ${cluster.id}`,
      `sparing ${system}`,
      `${well} other members work, ${cluster.keep} must (${said.join('; ')})`,
      'mend the others, then resume the run',
    );
  return { cluster, others: said };
}

async function illnessOf(member: string, ctx: ActionContext): Promise<string | undefined> {
  try {
    const findings = await ctx.host(member, (host) => checkHealth(host, ctx.patching, member));
    const ill = findings.filter(({ isWell }) => !isWell);
    return ill.length === 0 ? undefined : ill.map(({ check }) => `not so: ${check}`).join(', ');
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    return cause.message;
  }
}
