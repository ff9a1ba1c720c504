/** Ends the sessions of an account of a Linux host by killing all its processes. Lock the account first, or it logs on again. */

import { errors } from '../../core/errors.ts';
import { type HostProcess, killProcessesOf, processesOf } from '../../targets/host-accounts.ts';
import { action, said } from '../action.ts';
import {
  EXPIRED,
  findHostAccount,
  type HostAccount,
  hostAccountSubject,
  hostAccountTarget,
  NEVER,
  readLogon,
} from '../host-account.ts';
import { type HostUserInput, hostUser, system } from '../inputs.ts';

interface Input extends HostUserInput {
  readonly maxProcesses: number;
}

interface Before extends HostAccount {
  readonly processes: readonly HostProcess[];
}

export const hostEndSessions = action<Input, Before, { found: number }>({
  id: 'host.end-sessions',
  title: 'End the sessions and processes of an account of a Linux host',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['user'],
    additionalProperties: false,
    properties: {
      system: system('ssh'),
      user: hostUser,
      maxProcesses: {
        type: 'integer',
        minimum: 1,
        maximum: 10_000,
        default: 200,
        description: 'More processes than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => {
      const found = await findHostAccount(host, input.user);
      const processes = await processesOf(host, found.uid);
      return {
        plan: {
          targets: [hostAccountTarget(input.system, found)],
          changes: [
            `- kills every process of ${said(found.name)} (${processes.length} now, at most ${input.maxProcesses})`,
          ],
          stays: [
            'processes that it started under another account, through sudo or a service; files and timed jobs',
          ],
          undo: 'impossible: killed processes cannot be brought back; what they had not saved is lost',
          proof: 'lists the processes of the account over a new connection',
          bounds: { processes: input.maxProcesses },
          observed: { processes: processes.length, processList: processes },
        },
        subjects: [hostAccountSubject(input.system, found)],
        before: { ...found, processes },
      };
    }),
  act: ({ input, before, plan }, ctx) =>
    ctx.host(input.system, async (host) => {
      const found = (await processesOf(host, before.uid)).length;
      if (found === 0) return { found };
      if (found > (plan.bounds['processes'] ?? 0))
        throw errors.refused('the account got more processes than approved');
      await killProcessesOf(host, before.uid);
      return { found };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      const left = await processesOf(host, before.uid);
      if (left.length > 0) {
        const list = left.slice(0, 20).map(({ pid, program }) => `${pid} ${said(program)}`);
        return {
          outcome: 'not-proven',
          detail: `${left.length} processes of the account run (${list.join(', ')}${left.length > 20 ? ', …' : ''}); lock the account, then plan a new run`,
        };
      }
      const { expires } = await readLogon(host, before.name);
      const warning = expires === NEVER || expires > EXPIRED ? '; it may still log on' : '';
      return { outcome: 'proven', detail: `no process of the account runs${warning}` };
    }),
  undo: 'killed processes cannot be brought back',
});
