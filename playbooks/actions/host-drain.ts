/** Takes a host out of its cluster before it is worked on, if the others can spare it; undo and `host.return` bring it back. */
import { action, type Proof } from '../action.ts';
import { system } from '../inputs.ts';
import { expectSpare } from '../patching/cluster.ts';
import { isRunning } from '../patching/health.ts';
import { changeService, hostSubject, hostTarget } from '../patching/patched-host.ts';

interface Before {
  /** Undefined: nothing has to be stopped. */
  readonly service?: string;
  readonly ran: boolean;
}

export const hostDrain = action<{ readonly system: string }, Before, { changed: boolean }>({
  id: 'host.drain',
  title: 'Take a Linux host out of its cluster',
  risk: 'reversible',
  input: { type: 'object', additionalProperties: false, properties: { system: system('ssh') } },
  async plan({ system: name }, ctx) {
    const spared = await expectSpare(name, ctx);
    return await ctx.host(name, async (host) => {
      const service = spared?.cluster.drain;
      const ran = service !== undefined && (await isRunning(host, service));
      return {
        plan: {
          targets: [
            hostTarget(name, host),
            ...(service === undefined
              ? []
              : [{ system: name, identity: `service ${service}`, name: service }]),
          ],
          changes: ran
            ? [`- stops ${service}, so that cluster ${spared?.cluster.id} does without ${name}`]
            : [],
          stays:
            spared === undefined
              ? [`${name} is in no cluster: nothing to take it out of`]
              : [
                  ...spared.others,
                  ...(service === undefined
                    ? [`the policy names nothing to stop: only the others are looked at`]
                    : []),
                ],
          undo: 'starts the service again, if it ran before',
          proof: 'asks the host for the service',
          bounds: {},
          observed: { running: ran },
        },
        subjects: [hostSubject(name, host)],
        before: { ...(service === undefined ? {} : { service }), ran },
      };
    });
  },
  act: ({ input, before: { service, ran } }, ctx) =>
    ctx.host(input.system, async (host) => {
      if (service === undefined || !ran || !(await isRunning(host, service))) return { changed: false };
      await changeService(host, service, 'stop');
      return { changed: true };
    }),
  verify: ({ input, before: { service } }, ctx) =>
    ctx.host(input.system, async (host): Promise<Proof> => {
      if (service === undefined) return { outcome: 'proven', detail: 'nothing had to be stopped' };
      return (await isRunning(host, service))
        ? { outcome: 'not-proven', detail: `${service} still runs; stop it by hand, then resume` }
        : { outcome: 'proven', detail: `${service} is stopped` };
    }),
  undo: ({ input, before: { service, ran } }, ctx) =>
    ctx.host(input.system, async (host): Promise<Proof> => {
      if (service === undefined || !ran) return { outcome: 'proven', detail: 'nothing was stopped' };
      if (!(await isRunning(host, service))) await changeService(host, service, 'start');
      return (await isRunning(host, service))
        ? { outcome: 'proven', detail: `${service} runs again` }
        : { outcome: 'not-proven', detail: `${service} does not start; look at the host` };
    }),
});
