/** Revokes the leases under a path of HashiCorp Vault or OpenBao, one by one and waiting for each: the credentials behind them are gone when it answers. */
import { errors } from '../../core/errors.ts';
import type { Http } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import { system } from '../inputs.ts';

interface Input {
  readonly system: string;
  readonly prefix: string;
  readonly maxLeases: number;
}

interface Before {
  readonly leases: readonly string[];
}

export const vaultRevokeLeases = action<Input, Before, { revoked: number }>({
  id: 'vault.revoke-leases',
  title: 'Revoke leases of a vault',
  untried:
    'Its tests answer from records of the documented API of Vault and OpenBao and refuse any other call.',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['prefix'],
    additionalProperties: false,
    properties: {
      system: system('vault'),
      prefix: {
        type: 'string',
        maxLength: 256,
        pattern: '^[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]*[A-Za-z0-9_-]){1,10}$',
        description: 'Path of the engine and role whose leases end.',
        examples: ['database/creds/payments'],
      },
      maxLeases: {
        type: 'integer',
        minimum: 1,
        maximum: 1_000,
        default: 100,
        description: 'More leases than this refuse the step.',
      },
    },
  },
  plan: ({ system: where, prefix, maxLeases }, ctx) =>
    ctx.http(where, async (http) => {
      const leases = await leasesUnder(http, prefix, maxLeases);
      return {
        plan: {
          targets: [{ system: where, identity: `${http.server}/${prefix}`, name: prefix }],
          changes: [
            `- revokes every lease under ${said(prefix)} (${leases.length} now, at most ${maxLeases})`,
          ],
          stays: [
            'the role: whoever may still ask for a lease gets a new one; connections that the target does not end itself',
          ],
          undo: 'impossible: a revoked credential is gone; applications ask for a new one',
          proof: 'looks up each lease, and lists the path again',
          bounds: { leases: maxLeases },
          observed: { leases: leases.length },
        },
        subjects: [{ system: where, kind: 'named-asset', names: [prefix] }],
        before: { leases },
      };
    }),
  act: ({ input: { system: where, prefix }, plan }, ctx) =>
    ctx.http(where, async (http) => {
      const leases = await leasesUnder(http, prefix, plan.bounds['leases'] ?? 0);
      for (const lease of leases)
        await http.change('revoking a lease', {
          method: 'PUT',
          path: '/v1/sys/leases/revoke',
          body: { lease_id: lease, sync: true },
        });
      return { revoked: leases.length };
    }),
  verify: ({ input: { system: where, prefix, maxLeases }, before: { leases } }, ctx) =>
    ctx.http(where, async (http) => {
      let left = 0;
      for (const lease of leases) if (await isValid(http, lease)) left += 1;
      if (left > 0)
        return { outcome: 'not-proven', detail: `${left} leases are still valid; plan a new run` };
      const others = (await leasesUnder(http, prefix, maxLeases)).length;
      return others === 0
        ? {
            outcome: 'proven',
            detail: `${leases.length} leases are void, and there is no other under ${prefix}`,
          }
        : {
            outcome: 'not-proven',
            detail: `${others} new leases under ${prefix}; stop who asks for them, then plan a new run`,
          };
    }),
  undo: 'a revoked credential is gone; applications ask for a new one',
});

async function leasesUnder(http: Http, prefix: string, most: number): Promise<string[]> {
  const leases: string[] = [];
  const waiting = [`${prefix}/`];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const path = `/v1/sys/leases/lookup/${at.split('/').map(encodeURIComponent).join('/')}?list=true`;
    const { json } = await http.read('listing leases', { method: 'GET', path, statuses: [200, 404] });
    const { data } = (json ?? {}) as { data?: { keys?: readonly string[] } };
    for (const key of data?.keys ?? []) (key.endsWith('/') ? waiting : leases).push(`${at}${key}`);
    if (leases.length > most)
      throw errors.refused(
        `there are more than ${most} leases under ${prefix}`,
        'raise maxLeases or name a longer path',
      );
  }
  return leases.sort();
}

/** The API answers 400 for a lease that it does not know. */
async function isValid(http: Http, lease: string): Promise<boolean> {
  const { status } = await http.read('looking up a lease', {
    method: 'PUT',
    path: '/v1/sys/leases/lookup',
    body: { lease_id: lease },
    statuses: [200, 400],
  });
  return status === 200;
}
