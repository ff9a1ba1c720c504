/** The response part of the demo: plans a playbook for the worst incident about somebody whom the rehearsal directory knows, and rehearses it once. */
import { planText } from '../cli/plan-text.ts';
import { facts } from '../cli/print.ts';
import { equals } from '../core/conditions/tree.ts';
import type { Incident, Run } from '../core/documents.ts';
import { VigiaError } from '../core/errors.ts';
import { visible } from '../core/visible.ts';
import type { Parts } from '../server/parts.ts';

const FLOW = 'contain-account';
/** The two people of the demo: who asks for a run never approves it. */
const ANALYST = 'demo-analyst';
const APPROVER = { by: 'demo-approver', roles: ['approver'] } as const;

export async function showResponse(
  { playbooks, store }: Parts,
  incidents: readonly Incident[],
  say: (text: string) => void,
): Promise<Run | undefined> {
  for (const incident of incidents) {
    // The title ends with the one whom the worst alert is about.
    const account = incident.entities.find(
      ({ type, name }) => type === 'user' && incident.title.endsWith(`: ${name}`),
    )?.name;
    if (account === undefined) continue;
    const earlier = (await store.documents.find('run', { where: equals('incident', incident.id) })).found[0];
    if (earlier) {
      say(`\nPlaybook ${FLOW} was rehearsed before (${incident.number})\n${outcome(earlier.body)}`);
      return earlier.body;
    }
    try {
      const plan = await playbooks.plan(FLOW, { account }, incident);
      say(
        `\nPlaybook ${FLOW} for ${visible(account)} (${incident.number}): the plan\n${planText(plan.steps)}`,
      );
    } catch (cause) {
      // Accounts of databases and hosts are not in the directory.
      if (cause instanceof VigiaError && cause.code === 'not-found') continue;
      throw cause;
    }
    const run = await rehearse(playbooks, incident, account, say);
    say(outcome(run));
    return run;
  }
  say(`\nNo playbook: the rehearsal directory knows none of the accounts that these incidents are about.`);
  return undefined;
}

/** What a first person asks for and a second one approves, done on a copy of the directory. */
async function rehearse(
  playbooks: Parts['playbooks'],
  incident: Incident,
  account: string,
  say: (text: string) => void,
): Promise<Run> {
  const asked = await playbooks.start(FLOW, { account }, ANALYST, { incident });
  say(`\nRehearsal ${asked.number}: asked for by ${ANALYST}`);
  try {
    await playbooks.approve(asked.id, { ...APPROVER, by: ANALYST, planHash: asked.planHash });
  } catch (cause) {
    if (!(cause instanceof VigiaError) || cause.code !== 'refused') throw cause;
    say(`  refused   ${visible(cause.message)}`);
  }
  await playbooks.approve(asked.id, { ...APPROVER, planHash: asked.planHash });
  say(`  approved  by ${APPROVER.by}`);
  return await playbooks.execute(asked.id);
}

const outcome = (run: Run): string =>
  facts([
    ...run.steps.map((step, at): [string, string] => [
      `  step ${at + 1}  ${step.outcome ?? 'not done'}`,
      step.detail ?? step.name,
    ]),
    [`  ${run.number}`, `${run.state}; nothing outside the state folder was changed`],
  ]);
