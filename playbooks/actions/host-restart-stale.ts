/** Restarts the services of a Linux host that still run from files which an update replaced, and proves that none is left. */
import { action } from '../action.ts';
import { system } from '../inputs.ts';
import { findBehind } from '../patching/choose-updates.ts';
import {
  expectApt,
  hostSubject,
  hostTarget,
  type PackagesInput,
  packages,
  type Restarted,
  restartServices,
  servicesText,
  wantedBy,
} from '../patching/patched-host.ts';
import { findRestarts } from '../patching/restarts.ts';

interface Input extends PackagesInput {
  readonly maxServices: number;
}

export const hostRestartStale = action<Input, { services: readonly string[] }, Restarted>({
  id: 'host.restart-stale',
  title: 'Restart what still runs from replaced files on a Linux host',
  risk: 'destructive',
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      system: system('ssh'),
      packages: {
        ...packages,
        description:
          'The updates that a step before this one installs: what they will leave behind is planned with it. Names, or name=version; empty means all.',
      },
      maxServices: {
        type: 'integer',
        minimum: 1,
        maximum: 200,
        default: 20,
        description: 'More services than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => {
      await expectApt(host, input.system);
      const { allowed } = await findBehind(host, wantedBy(input, ctx));
      const restarts = await findRestarts(host, ctx.patching, allowed);
      return {
        plan: {
          targets: [hostTarget(input.system, host)],
          changes: servicesText(restarts),
          stays: [
            ...(restarts.services.length === 0 ? ['no service runs from replaced files, or will'] : []),
            ...(allowed.length > 0
              ? [`foreseen from ${allowed.length} updates; what restarts by itself is left alone`]
              : []),
            ...restarts.left,
          ],
          undo: 'impossible: a restart cannot be taken back, nor can the connections that it ended',
          proof: 'reads over a new connection what the processes of the host run from',
          bounds: { services: input.maxServices },
          observed: { services: restarts.services.length, serviceList: restarts.services },
        },
        subjects: [hostSubject(input.system, host)],
        before: { services: restarts.services.map(({ service }) => service) },
      };
    }),
  act: ({ input }, ctx) =>
    ctx.host(
      input.system,
      async (host) => await restartServices(host, await findRestarts(host, ctx.patching)),
    ),
  verify: ({ input, receipt }, ctx) =>
    ctx.host(input.system, async (host) => {
      const { services, left } = await findRestarts(host, ctx.patching);
      const failed = receipt?.failed ?? [];
      if (services.length + failed.length > 0)
        return {
          outcome: 'not-proven',
          detail: `${[...failed, ...services.map(({ service, pids, files }) => `${service} (process ${pids.join(', ')}) still runs from ${files.join(', ')}`)].join('; ')}; restart it by hand, then resume`,
        };
      const done = receipt === undefined ? 'unknown' : receipt.restarted.join(', ') || 'nothing';
      const remark = left.length > 0 ? `; left: ${left.join('; ')}` : '';
      return {
        outcome: 'proven',
        detail: `no service runs from replaced files; restarted: ${done}${remark}`,
      };
    }),
  undo: 'a restart cannot be taken back; undoing the updates restarts what they touch again',
});
