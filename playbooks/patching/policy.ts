/** What `policies/patching.yml` says: waves, health checks, clusters, services to leave alone, exemptions. */
import { compilePattern, lowerPattern } from '../../core/conditions/pattern.ts';
import { parsePattern } from '../../core/conditions/text-pattern.ts';
import type { Level } from '../../core/documents.ts';

export interface Wave {
  readonly id: string;
  readonly title: string;
  /** One of `hosts`; it goes first. */
  readonly canary: string;
  readonly hosts: readonly string[];
  /** Of `policies/windows.yml`. */
  readonly window: string;
  readonly notice_hours: number;
  /** Who confirms to have been told. */
  readonly tell?: string;
  /** What becomes of the wave when a host does not answer while it is planned. */
  readonly unreachable: 'stop' | 'leave-out';
}

export interface Health {
  readonly hosts: readonly string[];
  readonly services: readonly string[];
  readonly ports: readonly number[];
  readonly commands: readonly (readonly string[])[];
  readonly settle_seconds: number;
}

export interface Cluster {
  readonly id: string;
  readonly members: readonly string[];
  /** So many other members must be healthy while one is worked on. */
  readonly keep: number;
  /** Service that is stopped to take a member out, and started to bring it back. */
  readonly drain?: string;
}

export interface Exemption {
  readonly hosts: readonly string[];
  readonly packages: readonly string[];
  readonly why: string;
  /** The last day on which it holds. */
  readonly until: string;
  readonly ticket?: string;
  /** `policies/patching.yml:31` */
  readonly place: string;
}

export interface PatchingPolicy {
  readonly waves: readonly Wave[];
  readonly health: readonly Health[];
  readonly clusters: readonly Cluster[];
  readonly keep_running: readonly { readonly service: string; readonly why: string }[];
  readonly services: Readonly<Record<string, string>>;
  readonly exemptions: readonly Exemption[];
  /** How severe an incident is at least while hosts are open to what it is about; and when that is known to be exploited. */
  readonly raise: { readonly open: Level; readonly exploited: Level };
}

/** `*` is a wildcard; letter case does not matter. */
export const isNamed = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => compilePattern(lowerPattern(parsePattern(pattern)))(name.toLowerCase()));

/** All entries that name the host, as one. */
export function healthOf({ health }: PatchingPolicy, host: string): Omit<Health, 'hosts'> {
  const own = health.filter(({ hosts }) => isNamed(host, hosts));
  return {
    services: [...new Set(own.flatMap(({ services }) => services))],
    ports: [...new Set(own.flatMap(({ ports }) => ports))],
    commands: own.flatMap(({ commands }) => commands),
    settle_seconds: Math.max(0, ...own.map(({ settle_seconds }) => settle_seconds)),
  };
}

export const clusterOf = ({ clusters }: PatchingPolicy, host: string): Cluster | undefined =>
  clusters.find(({ members }) => members.includes(host));

/** The exemption that keeps a package as it is on that day, and those that ended before. */
export function exemptionOf(
  { exemptions }: PatchingPolicy,
  host: string,
  name: string,
  now: number,
): { readonly holds?: Exemption; readonly ended?: Exemption } {
  const today = new Date(now).toISOString().slice(0, 10);
  const own = exemptions.filter(({ hosts, packages }) => isNamed(host, hosts) && isNamed(name, packages));
  const holds = own.find(({ until }) => until >= today);
  const ended = own.find(({ until }) => until < today);
  return { ...(holds ? { holds } : {}), ...(ended ? { ended } : {}) };
}

/** Canary first, then the others; members of one cluster keep the places of the wave, in the order of the cluster. */
export function orderOfWave(wave: Wave, clusters: readonly Cluster[]): string[] {
  const hosts = [wave.canary, ...wave.hosts.filter((host) => host !== wave.canary)];
  const [, ...behind] = hosts;
  for (const { members } of clusters) {
    const places = behind.flatMap((host, at) => (members.includes(host) ? [at] : []));
    const inOrder = members.filter((member) => behind.includes(member));
    places.forEach((at, index) => {
      behind[at] = inOrder[index]!;
    });
  }
  return [wave.canary, ...behind];
}
