/** Answers as HashiCorp Vault and OpenBao document their leases, for the paths that the test opens. */
import type { HttpSettings } from '../../targets/settings.ts';
import { type RecordedServer, recordedServer } from './recorded-server.ts';

export interface VaultRecord extends RecordedServer {
  /** Ids of leases that are valid now. */
  readonly valid: Set<string>;
  /** What may appear nowhere else. */
  readonly secrets: readonly string[];
  readonly targets: { readonly vault: HttpSettings };
  /** Its listing can be asked for from now on. */
  path(prefix: string): void;
}

const TOKEN = 'Va1-vault-token';

export async function vaultRecord(...leases: readonly string[]): Promise<VaultRecord> {
  process.env['VIGIA_TEST_VAULT'] = TOKEN;
  const valid = new Set(leases);
  const server = await recordedServer({
    'PUT /v1/sys/leases/lookup': ({ json }) =>
      valid.has((json as { lease_id: string }).lease_id)
        ? [200, { data: { ttl: 3_600 } }]
        : [400, { errors: ['invalid lease'] }],
    'PUT /v1/sys/leases/revoke': ({ json, headers }) => {
      const { lease_id, sync } = json as { lease_id: string; sync: boolean };
      if (headers['x-vault-token'] !== TOKEN || !sync) return undefined;
      valid.delete(lease_id);
      return 204;
    },
  });
  const keysUnder = (prefix: string) => {
    const keys = [...valid]
      .filter((lease) => lease.startsWith(prefix))
      .map((lease) => {
        const [first, ...more] = lease.slice(prefix.length).split('/');
        return more.length > 0 ? `${first}/` : first;
      });
    return keys.length === 0 ? ([404, { errors: [] }] as const) : ([200, { data: { keys } }] as const);
  };
  return {
    ...server,
    valid,
    secrets: [TOKEN],
    path: (prefix) =>
      server.answer(`GET /v1/sys/leases/lookup/${prefix}/?list=true`, () => keysUnder(`${prefix}/`)),
    targets: {
      vault: { kind: 'http', url: server.url, auth: 'vault', passwordEnv: 'VIGIA_TEST_VAULT' },
    },
    async close() {
      delete process.env['VIGIA_TEST_VAULT'];
      await server.close();
    },
  };
}
