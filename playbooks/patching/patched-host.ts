/** What the actions that patch share: their inputs, the host as target and subject, and restarting services. */
import type { PlannedTarget } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Host } from '../../targets/ssh.ts';
import type { ActionContext, Subject } from '../action.ts';
import type { Wanted } from './choose-updates.ts';
import type { Restarts } from './restarts.ts';

export interface PackagesInput {
  readonly system: string;
  readonly packages: readonly string[];
}

export const packages = {
  type: 'array',
  maxItems: 1_000,
  default: [],
  items: {
    type: 'string',
    maxLength: 256,
    pattern: '^[a-z0-9][a-z0-9+.:-]*(=[0-9A-Za-z.+:~-]*[0-9A-Za-z])?$',
  },
  description: 'Names, or name=version; empty means everything that the host is behind by.',
  examples: [['openssl', 'nginx=1.22.1-9+deb12u3']],
} as const;

export const wantedBy = ({ system, packages }: PackagesInput, ctx: ActionContext): Wanted => ({
  system,
  packages,
  policy: ctx.patching,
  now: ctx.now(),
});

export const hostTarget = (system: string, { server }: Host): PlannedTarget => ({
  system,
  identity: server,
  name: system,
});

export const hostSubject = (system: string, { server }: Host): Subject => ({
  system,
  kind: 'named-asset',
  names: [system, server.replace(/:\d+$/, '')],
});

/** Vigia updates hosts with apt; others it only looks at. */
export async function expectApt(host: Host, system: string): Promise<void> {
  const words = ['/usr/bin/dpkg-query', '--version'];
  const { code } = await host.read('asking for its package manager', { words, codes: [0, 127] });
  if (code !== 0)
    throw errors.refused(
      `${system} (${host.server}) has no apt, and Vigia updates nothing else`,
      'update it by hand; "vigia patch scan" still shows what it is behind by',
    );
}

/** A service may take long to stop what it is doing. */
const SERVICE_MS = 300_000;

export const changeService = (host: Host, service: string, verb: 'start' | 'stop' | 'restart') =>
  host.change(`${verb} of ${service}`, {
    words: ['/usr/sbin/service', service, verb],
    sudo: true,
    timeoutMs: SERVICE_MS,
  });

export interface Restarted {
  readonly restarted: readonly string[];
  /** Service and why; the others were restarted all the same. */
  readonly failed: readonly string[];
}

export async function restartServices(host: Host, { services }: Restarts): Promise<Restarted> {
  const restarted: string[] = [];
  const failed: string[] = [];
  for (const { service } of services) {
    const failure = await changeService(host, service, 'restart').then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (failure === undefined) restarted.push(service);
    // A lost lease or a cut is no answer of the host, and ends the step.
    else if (!isAnswer(failure)) throw failure;
    else failed.push(`${service}: ${(failure as Error).message}`);
  }
  return { restarted, failed };
}

const isAnswer = (cause: unknown): boolean => (cause as { code?: unknown }).code === 'remote';

export const servicesText = ({ services }: Restarts): string[] =>
  services.map(
    ({ service, pids, files }) =>
      `~ restarts ${service} (process ${pids.slice(0, 10).join(', ')}${pids.length > 10 ? ', …' : ''}): ${files.slice(0, 5).join(', ')}${files.length > 5 ? ` and ${files.length - 5} more files` : ''}`,
  );
