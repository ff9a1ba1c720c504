/** Brings a host back into its cluster after it was worked on: starts what `host.drain` stopped. */
import { action, type Proof } from '../action.ts';
import { system } from '../inputs.ts';
import { isRunning } from '../patching/health.ts';
import { changeService, hostSubject, hostTarget } from '../patching/patched-host.ts';
import { clusterOf } from '../patching/policy.ts';

interface Before {
  readonly service?: string;
}

export const hostReturn = action<{ readonly system: string }, Before, { changed: boolean }>({
  id: 'host.return',
  title: 'Bring a Linux host back into its cluster',
  risk: 'reversible',
  input: { type: 'object', additionalProperties: false, properties: { system: system('ssh') } },
  plan: ({ system: name }, ctx) =>
    ctx.host(name, async (host) => {
      const service = clusterOf(ctx.patching, name)?.drain;
      return {
        plan: {
          targets: [
            hostTarget(name, host),
            ...(service === undefined
              ? []
              : [{ system: name, identity: `service ${service}`, name: service }]),
          ],
          changes: service === undefined ? [] : [`+ starts ${service}, if it does not run then`],
          stays: service === undefined ? ['nothing was stopped to take the host out'] : [],
          undo: 'nothing: the host stays in its cluster',
          proof: 'asks the host for the service',
          bounds: {},
          observed: {},
        },
        subjects: [hostSubject(name, host)],
        before: service === undefined ? {} : { service },
      };
    }),
  act: ({ input, before: { service } }, ctx) =>
    ctx.host(input.system, async (host) => {
      if (service === undefined || (await isRunning(host, service))) return { changed: false };
      await changeService(host, service, 'start');
      return { changed: true };
    }),
  verify: ({ input, before: { service } }, ctx) =>
    ctx.host(input.system, async (host): Promise<Proof> => {
      if (service === undefined || (await isRunning(host, service)))
        return {
          outcome: 'proven',
          detail: service === undefined ? 'nothing had to be started' : `${service} runs`,
        };
      return { outcome: 'not-proven', detail: `${service} does not run; start it by hand, then resume` };
    }),
  undo: 'the host stays in its cluster',
});
