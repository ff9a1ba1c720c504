import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RecordedServer, recordedServer } from '../../tests/proofs/recorded-server.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { vaultRevokeLeases } from './vault-revoke-leases.ts';

const LIST = 'GET /v1/sys/leases/lookup/database/creds';

describe('vault.revoke-leases against a record of the API of Vault', () => {
  let vault: RecordedServer;
  let valid: Set<string>;
  beforeEach(async () => {
    process.env['VIGIA_TEST_VAULT'] = 'Va1-vault-token';
    valid = new Set([
      'database/creds/payments/a1',
      'database/creds/payments/eu/b2',
      'database/creds/other/c3',
    ]);
    const keysUnder = (prefix: string) => {
      const keys = [...valid]
        .filter((lease) => lease.startsWith(prefix))
        .map((lease) => {
          const [first, ...more] = lease.slice(prefix.length).split('/');
          return more.length > 0 ? `${first}/` : first;
        });
      return keys.length === 0 ? ([404, { errors: [] }] as const) : ([200, { data: { keys } }] as const);
    };
    vault = await recordedServer({
      [`${LIST}/payments/?list=true`]: () => keysUnder('database/creds/payments/'),
      [`${LIST}/payments/eu/?list=true`]: () => keysUnder('database/creds/payments/eu/'),
      'PUT /v1/sys/leases/lookup': ({ json }) =>
        valid.has((json as { lease_id: string }).lease_id)
          ? [200, { data: { ttl: 3_600 } }]
          : [400, { errors: ['invalid lease'] }],
      'PUT /v1/sys/leases/revoke': ({ json, headers }) => {
        const { lease_id, sync } = json as { lease_id: string; sync: boolean };
        if (headers['x-vault-token'] !== 'Va1-vault-token' || !sync) return undefined;
        valid.delete(lease_id);
        return 204;
      },
    });
  });
  afterEach(async () => {
    delete process.env['VIGIA_TEST_VAULT'];
    expect(vault.refused).toEqual([]);
    await vault.close();
  });
  const bed = () => ({
    targets: {
      vault: {
        kind: 'http' as const,
        url: vault.url,
        auth: 'vault' as const,
        passwordEnv: 'VIGIA_TEST_VAULT',
      },
    },
  });
  const input = { prefix: 'database/creds/payments' };

  it('revokes each lease under the path and no other, waiting for each, and looks each up', async () => {
    const revoke = verbs(vaultRevokeLeases, bed());
    const { plan } = await revoke.plan(input);
    expect(plan.observed).toEqual({ leases: 2 });
    expect(await revoke.verify()).toMatchObject({ outcome: 'not-proven' });
    await revoke.act();
    expect([...valid]).toEqual(['database/creds/other/c3']);
    expect(vault.count('PUT /v1/sys/leases/revoke')).toBe(2);
    expect(await revoke.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('is not proven while somebody gets new leases', async () => {
    const revoke = verbs(vaultRevokeLeases, bed());
    await revoke.plan(input);
    await revoke.act();
    valid.add('database/creds/payments/new');
    expect(await revoke.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/1 new leases/),
    });
  });

  it('revokes nothing when there are more than approved', async () => {
    const revoke = verbs(vaultRevokeLeases, bed());
    await expect(revoke.plan({ ...input, maxLeases: 1 })).rejects.toMatchObject({ exitCode: 4 });
    await revoke.plan({ ...input, maxLeases: 2 });
    valid.add('database/creds/payments/new');
    await expect(revoke.act()).rejects.toThrow(/more than 2 leases/);
    expect(valid.size).toBe(4);
  });

  it.each(['database', 'database/creds/', '../sys', 'database/creds/..'])(
    'refuses the path %s',
    async (prefix) => {
      await expect(verbs(vaultRevokeLeases, bed()).plan({ prefix })).rejects.toMatchObject({ exitCode: 2 });
    },
  );
});
