import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type VaultRecord, vaultRecord } from '../../tests/proofs/vault-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { vaultRevokeLeases } from './vault-revoke-leases.ts';

describe('vault.revoke-leases against a record of the API of Vault', () => {
  let vault: VaultRecord;
  beforeEach(async () => {
    vault = await vaultRecord(
      'database/creds/payments/a1',
      'database/creds/payments/eu/b2',
      'database/creds/other/c3',
    );
    vault.path('database/creds/payments');
    vault.path('database/creds/payments/eu');
  });
  afterEach(async () => {
    expect(vault.refused).toEqual([]);
    await vault.close();
  });
  const input = { prefix: 'database/creds/payments' };

  it('revokes each lease under the path and no other, waiting for each, and looks each up', async () => {
    const revoke = verbs(vaultRevokeLeases, vault);
    const { plan } = await revoke.plan(input);
    expect(plan.observed).toEqual({ leases: 2 });
    expect(await revoke.verify()).toMatchObject({ outcome: 'not-proven' });
    await revoke.act();
    expect([...vault.valid]).toEqual(['database/creds/other/c3']);
    expect(vault.count('PUT /v1/sys/leases/revoke')).toBe(2);
    expect(await revoke.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('is not proven while somebody gets new leases', async () => {
    const revoke = verbs(vaultRevokeLeases, vault);
    await revoke.plan(input);
    await revoke.act();
    vault.valid.add('database/creds/payments/new');
    expect(await revoke.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/1 new leases/),
    });
  });

  it('revokes nothing when there are more than approved', async () => {
    const revoke = verbs(vaultRevokeLeases, vault);
    await expect(revoke.plan({ ...input, maxLeases: 1 })).rejects.toMatchObject({ exitCode: 4 });
    await revoke.plan({ ...input, maxLeases: 2 });
    vault.valid.add('database/creds/payments/new');
    await expect(revoke.act()).rejects.toThrow(/more than 2 leases/);
    expect(vault.valid.size).toBe(4);
  });

  it.each(['database', 'database/creds/', '../sys', 'database/creds/..'])(
    'refuses the path %s',
    async (prefix) => {
      await expect(verbs(vaultRevokeLeases, vault).plan({ prefix })).rejects.toMatchObject({ exitCode: 2 });
    },
  );
});
