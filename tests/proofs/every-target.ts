/** A target of each kind that actions change, real or recorded, with a secret of its own for each that may appear nowhere else. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Drivers } from '../../playbooks/engine/engine.ts';
import type { TargetSettings, TargetsSettings } from '../../targets/settings.ts';
import { type LinuxHost, startHost } from '../testbed/host.ts';
import type { MariadbFacts } from '../testbed/mariadb.ts';
import type { PostgresFacts } from '../testbed/postgres.ts';
import type { SambaFacts } from '../testbed/samba-tools.ts';
import { type Containment, containment } from './containment.ts';
import { echo } from './echo.ts';
import { graphRecord } from './graph-record.ts';
import { kubernetesRecord } from './kubernetes-record.ts';
import { type MailSink, mailSink } from './mail-sink.ts';
import { type MariadbAccounts, mariadbAccounts } from './mariadb-accounts.ts';
import { oracleRecord } from './oracle-record.ts';
import { oracleError, SECRET, sqlServerError } from './recorded-database.ts';
import { recordedServer } from './recorded-server.ts';
import { sqlServerRecord } from './sqlserver-record.ts';
import { vaultRecord } from './vault-record.ts';

export interface EveryTarget {
  readonly bed: Containment;
  readonly maria: MariadbAccounts;
  readonly linux: LinuxHost;
  readonly sink: MailSink;
  /** Those called `wrong-…` refuse the secret that they are given, and many repeat it in their answer. */
  readonly targets: TargetsSettings;
  readonly drivers: Drivers;
  /** By what they are; those handed over so far among them. */
  secrets(): Readonly<Record<string, string>>;
  /** Bodies of what receivers of notices were sent. */
  notices(): readonly string[];
  close(): Promise<void>;
}

const GROUP = 'rbac.authorization.k8s.io';
const BINDINGS = `/apis/${GROUP}/v1/namespaces/pay/rolebindings`;
const SERVER = '/axapi/v3/slb/server/web1';
const named = (name: string, uid: string) => ({ metadata: { name, namespace: 'pay', uid } });

/** `anna` is known to Graph, and has a lease in the vault. */
export async function everyTarget(
  { samba, postgres, mariadb }: { samba: SambaFacts; postgres: PostgresFacts; mariadb: MariadbFacts },
  tag: string,
  anna: string,
): Promise<EveryTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-every-target-'));
  const environment = {
    VIGIA_TEST_A10: 'Va1-appliance-secret',
    VIGIA_TEST_ITSM: 'Va1-itsm-secret',
    VIGIA_TEST_HOOK: 'Va1-webhook-secret',
    VIGIA_TEST_WRONG: 'Va1-wrong-password',
  };
  Object.assign(process.env, environment);
  const wrongFile = join(folder, 'wrong');
  writeFileSync(wrongFile, `${environment.VIGIA_TEST_WRONG}\n`, { mode: 0o600 });
  const bed = await containment(samba, postgres, tag);
  const maria = await mariadbAccounts(mariadb, tag);
  const linux = await startHost();
  const sink = await mailSink();
  const graph = await graphRecord(`${anna}@example.test`);
  const vault = await vaultRecord(`database/creds/${anna}/a1`);
  vault.path(`database/creds/${anna}`);
  const cluster = await kubernetesRecord(
    {
      '/api/v1/nodes/worker-1': { metadata: { name: 'worker-1', uid: 'n1' }, spec: { podCIDR: 'x' } },
      '/api/v1/namespaces/pay/pods/api-0': named('api-0', 'p1'),
      '/apis/apps/v1/namespaces/pay/deployments/api/scale': {
        ...named('api', 'd1'),
        spec: { replicas: 3 },
        status: { replicas: 3 },
      },
      [`${BINDINGS}/admins`]: {
        ...named('admins', 'b1'),
        roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'admin' },
        subjects: [{ kind: 'User', apiGroup: GROUP, name: `${anna}@example.test` }],
      },
    },
    [BINDINGS],
  );
  let served: unknown = { server: { name: 'web1', action: 'enable' } };
  const appliance = await recordedServer({
    'POST /axapi/v3/auth': () => [200, { authresponse: { signature: 'Va1-appliance-signature' } }],
    'POST /axapi/v3/logoff': () => 200,
    [`GET ${SERVER}`]: () => [200, served],
    [`PUT ${SERVER}`]: ({ json }) => {
      served = json;
      return [200, json];
    },
  });
  // Both take the new secret and show it in an error, as servers do that quote the statement.
  const oracle = oracleRecord({}, (account) => ({
    'ALTER USER "PAYMENTS_ADMIN" ACCOUNT LOCK': () => void (account.status = 'LOCKED'),
    'ALTER USER "PAYMENTS_ADMIN" ACCOUNT UNLOCK': () => void (account.status = 'OPEN'),
    [`ALTER USER "PAYMENTS_ADMIN" IDENTIFIED BY "${SECRET}"`]: ([secret]) => {
      account.secret = String(secret);
      throw oracleError(922, `missing or invalid option near ${secret}`);
    },
  }));
  const sqlserver = sqlServerRecord({}, (login) => ({
    'ALTER LOGIN [payments_app] DISABLE': () => void (login.disabled = true),
    'ALTER LOGIN [payments_app] ENABLE': () => void (login.disabled = false),
    [`ALTER LOGIN [payments_app] WITH PASSWORD = N'${SECRET}'`]: ([secret]) => {
      login.secret = String(secret);
      throw sqlServerError(102, `Incorrect syntax near '${secret}'.`);
    },
  }));
  const hook = await recordedServer({ 'POST /hook': () => 204 });
  const page = await echo();
  const http = { kind: 'http', url: page.url } as const;
  const wrong = { passwordEnv: 'VIGIA_TEST_WRONG' } as const;
  const refused = <T extends TargetSettings>(settings: T): T => ({ ...settings, passwordFile: wrongFile });
  const handedOver = (place: string) =>
    existsSync(place)
      ? readdirSync(place).map((name) => [
          `handed over as ${name}`,
          readFileSync(join(place, name), 'utf8').trimEnd(),
        ])
      : [];
  return {
    bed,
    maria,
    linux,
    sink,
    drivers: { ...oracle.drivers, ...sqlserver.drivers },
    targets: {
      ...bed.targets,
      ...oracle.targets,
      ...sqlserver.targets,
      ...maria.targets,
      ...graph.targets,
      ...vault.targets,
      ...cluster.targets,
      web1: { ...linux.settings, timeoutMs: 60_000 },
      mail: sink.settings,
      'load-balancer': {
        kind: 'http',
        url: appliance.url,
        auth: 'a10',
        user: 'vigia',
        passwordEnv: 'VIGIA_TEST_A10',
      },
      itsm: { ...http, auth: 'basic', user: 'vigia', passwordEnv: 'VIGIA_TEST_ITSM' },
      webhook: { kind: 'webhook', url: `${hook.url}/hook`, passwordEnv: 'VIGIA_TEST_HOOK' },
      'wrong-directory': refused(bed.targets.directory),
      'wrong-postgresql': refused(bed.targets.postgresql),
      'wrong-mariadb': refused(maria.targets.mariadb),
      'wrong-host': { ...linux.settings, keyFile: wrongFile },
      'wrong-mail': refused(sink.settings),
      'wrong-vault': { ...http, auth: 'vault', ...wrong },
      'wrong-graph': {
        ...http,
        auth: 'client-credentials',
        user: 'vigia-app',
        tokenUrl: `${page.url}/token`,
        scope: 's',
        ...wrong,
      },
    },
    secrets: () => ({
      'password of Vigia on directory and PostgreSQL': bed.secrets[0]!,
      ...Object.fromEntries(maria.secrets().map((secret, at) => [`of MariaDB, number ${at}`, secret])),
      ...Object.fromEntries([bed, oracle, sqlserver].flatMap(({ handover }) => handedOver(handover))),
      'password of Vigia on Oracle': process.env['VIGIA_TEST_ORACLE']!,
      'password of Vigia on SQL Server': process.env['VIGIA_TEST_SQLSERVER']!,
      'key of Vigia on the host': readFileSync(linux.settings.keyFile, 'utf8').split('\n')[2]!,
      'password of Vigia on the mail server': sink.password,
      'client secret of Graph': graph.secrets[0]!,
      'access token of Graph': graph.secrets[1]!,
      'token of the vault': vault.secrets[0]!,
      'token of the cluster': cluster.secrets[0]!,
      'signature of the session on the appliance': 'Va1-appliance-signature',
      ...environment,
      'password for the ITSM, as it is sent': Buffer.from(`vigia:${environment.VIGIA_TEST_ITSM}`).toString(
        'base64',
      ),
    }),
    notices: () => [...sink.mails.map(({ text }) => text), ...hook.calls.map(({ body }) => body)],
    async close() {
      await Promise.all([graph, vault, cluster, appliance, hook, page, sink].map((one) => one.close()));
      for (const database of [oracle, sqlserver]) database.close();
      await linux.stop();
      await maria.close();
      await bed.close();
      for (const name of Object.keys(environment)) delete process.env[name];
      rmSync(folder, { recursive: true });
    },
  };
}
