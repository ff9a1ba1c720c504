/** Checks that a host works as `policies/patching.yml` wants it to; changes nothing. */
import { action } from '../action.ts';
import { system } from '../inputs.ts';
import { checkHealth, checksOf, settle } from '../patching/health.ts';
import { hostSubject, hostTarget } from '../patching/patched-host.ts';

export const hostCheckHealth = action<{ readonly system: string }, null, null>({
  id: 'host.check-health',
  title: 'Check that a Linux host works',
  risk: 'read',
  input: { type: 'object', additionalProperties: false, properties: { system: system('ssh') } },
  plan: ({ system: name }, ctx) =>
    ctx.host(name, async (host) => {
      const checks = checksOf(ctx.patching, name);
      return {
        plan: {
          targets: [
            hostTarget(name, host),
            ...checks.map((check) => ({ system: name, identity: check, name: check })),
          ],
          changes: [],
          stays: [
            checks.length === 0
              ? `policies/patching.yml names no check for ${name}: that it can be reached is all that is shown`
              : 'everything: it only looks',
          ],
          undo: 'nothing to undo',
          proof: checks.length === 0 ? 'logs on' : `checks that ${checks.join('; ')}`,
          bounds: {},
          observed: {},
        },
        subjects: [hostSubject(name, host)],
        before: null,
      };
    }),
  act: async () => null,
  verify: ({ input }, ctx) =>
    ctx.host(input.system, async (host) => {
      await settle(host, ctx.patching, input.system);
      const findings = await checkHealth(host, ctx.patching, input.system);
      const ill = findings.filter(({ isWell }) => !isWell);
      return ill.length > 0
        ? {
            outcome: 'not-proven',
            detail: `${ill.map(({ check, detail }) => `not so: ${check} (${detail})`).join('; ')}; mend it and resume, or undo the run`,
          }
        : { outcome: 'proven', detail: `${findings.length} checks hold` };
    }),
  undo: 'it changed nothing',
});
