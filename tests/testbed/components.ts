/** The real components that tests can run, what each one needs on the machine, and what of it is missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryCommand } from './command.ts';
import { cacheFolder } from './folder.ts';
import { hostImage } from './host-image.ts';
import { shippersHome } from './shippers.ts';

export const componentNames = [
  'elasticsearch',
  'samba',
  'postgres',
  'mariadb',
  'host',
  'tmux',
  'poppler',
  'prometheus',
  'kafka',
  'auditd',
  'evtx',
  'shippers',
] as const;
export type ComponentName = (typeof componentNames)[number];

/** Debian 12 packages; all of them were tried together. */
export const debianPackages: Readonly<Record<ComponentName, readonly string[]>> = {
  elasticsearch: ['openssl', 'unzip', 'util-linux'],
  samba: [
    'samba-ad-dc',
    'samba-ad-provision',
    'samba-dsdb-modules',
    'samba-vfs-modules',
    'winbind',
    'krb5-user',
    'ldb-tools',
    'ldap-utils',
    'smbclient',
    'libsasl2-modules-gssapi-mit',
    'openssl',
  ],
  postgres: ['postgresql-15', 'postgresql-15-pgaudit', 'openssl'],
  mariadb: ['mariadb-server', 'openssl'],
  host: ['mmdebstrap', 'iproute2', 'util-linux', 'gnupg'],
  tmux: ['tmux'],
  poppler: ['poppler-utils', 'fonts-dejavu-core'],
  prometheus: ['prometheus', 'prometheus-alertmanager'],
  kafka: ['openssl', 'util-linux'],
  auditd: ['auditd', 'laurel', 'util-linux'],
  // Readers that ours is compared with.
  evtx: ['libevtx-utils', 'python3-evtx'],
  // The libraries that the unpacked programs need.
  shippers: [
    ...['libestr0', 'libfastjson4', 'liblognorm5', 'libcurl4', 'libgnutls30', 'libivykis0', 'libnet1'],
    ...['libpcre3', 'libwrap0', 'libjson-c5', 'libglib2.0-0', 'libcap2', 'python3-venv', 'util-linux'],
  ],
};

export const elasticsearchVersion = '9.5.2';

/** The unpacked server; the folder appears under this name only when it is complete. */
export function elasticsearchHome(): string {
  return cacheFolder(`elasticsearch-${elasticsearchVersion}`);
}

export const kafkaVersion = '4.1.1';

/** Jars of the broker and an empty log; the folder appears under this name only when it is complete. */
export function kafkaHome(): string {
  return cacheFolder(`kafka-${kafkaVersion}`);
}

const oldestJava = 21;

/** A JDK new enough for the server: `JAVA_HOME` first, then the newest under /usr/lib/jvm. */
export function findJava(): string | undefined {
  const named = process.env['JAVA_HOME'];
  if (named !== undefined && named !== '' && javaVersion(named) >= oldestJava) return named;
  const root = '/usr/lib/jvm';
  const homes = existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : [];
  return homes
    .filter((home) => javaVersion(home) >= oldestJava)
    .sort((a, b) => javaVersion(b) - javaVersion(a))[0];
}

/** The major version that the `release` file of a JDK states, without starting it; 0 where there is none. */
function javaVersion(home: string): number {
  const release = join(home, 'release');
  if (!existsSync(release) || !existsSync(join(home, 'bin', 'java'))) return 0;
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1] ?? 0);
}

/** Those of the packages that are not installed; all of them where there is no dpkg. */
export async function missingPackages(components: readonly ComponentName[]): Promise<string[]> {
  const wanted = [...new Set(components.flatMap((component) => debianPackages[component]))];
  if (wanted.length === 0) return [];
  const format = `\${binary:Package} \${db:Status-Status}\n`;
  const { stdout } = await tryCommand('dpkg-query', ['-W', '-f', format, ...wanted]).catch(() => ({
    stdout: '',
  }));
  const installed = new Set<string>();
  for (const line of stdout.split('\n')) {
    const [name, status] = line.split(' ');
    // A package that exists for several architectures is listed as name:architecture.
    if (status === 'installed') installed.add(name!.replace(/:.*/, ''));
  }
  return wanted.filter((name) => !installed.has(name));
}

/** Why a component cannot run here now, in sentences that say what to do; empty when it can. */
export async function whyMissing(component: ComponentName): Promise<string[]> {
  if (process.platform !== 'linux') {
    return [`the test bed runs on Linux (Debian 12) only, and this is ${process.platform}`];
  }
  const reasons = isServer(component) ? await whyNotContained() : [];
  const packages = await missingPackages([component]);
  if (packages.length > 0) reasons.push(`Debian packages are not installed: ${packages.join(' ')}`);
  if (component === 'host' && !existsSync(hostImage())) reasons.push(`no image of a host in ${hostImage()}`);
  if (component === 'shippers' && !existsSync(shippersHome()))
    reasons.push(`no shippers in ${shippersHome()}`);
  if (component === 'elasticsearch' && !existsSync(elasticsearchHome()))
    reasons.push(`no Elasticsearch in ${elasticsearchHome()}`);
  if (component === 'kafka' && !existsSync(kafkaHome())) reasons.push(`no Kafka in ${kafkaHome()}`);
  if (['elasticsearch', 'kafka'].includes(component) && findJava() === undefined)
    reasons.push(
      `no JDK ${oldestJava} or later in JAVA_HOME or /usr/lib/jvm; install one and set JAVA_HOME to it`,
    );
  return reasons;
}

function isServer(component: ComponentName): boolean {
  return ['elasticsearch', 'samba', 'postgres', 'mariadb', 'host', 'kafka', 'shippers'].includes(component);
}

/** Servers run in namespaces of their own; some containers refuse those even to root. */
async function whyNotContained(): Promise<string[]> {
  if (process.getuid?.() !== 0) {
    return ['not root: namespaces and service users need it; run the tests as root or in a container'];
  }
  const probe = await tryCommand('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'true']);
  if (probe.code === 0) return [];
  return [`root may not make namespaces here (${probe.stderr.trim()}); give the container CAP_SYS_ADMIN`];
}
