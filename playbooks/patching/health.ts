/** Whether a host does what the policy wants of it: services run, ports are listened on, its own checks say so. */
import type { Host } from '../../targets/ssh.ts';
import { healthOf, type PatchingPolicy } from './policy.ts';

export interface Finding {
  readonly check: string;
  readonly isWell: boolean;
  readonly detail: string;
}

const CHECK_MS = 60_000;
const MAX_SAID = 200;

export async function checkHealth(host: Host, policy: PatchingPolicy, system: string): Promise<Finding[]> {
  const { services, ports, commands } = healthOf(policy, system);
  const findings: Finding[] = [];
  for (const service of services) findings.push(await checkService(host, service));
  if (ports.length > 0) findings.push(...(await checkPorts(host, ports)));
  for (const words of commands) findings.push(await checkCommand(host, words));
  return findings;
}

/** After a restart: as long as the policy says. On the host, where whoever waits can also be cut off. */
export async function settle(host: Host, policy: PatchingPolicy, system: string): Promise<void> {
  const { settle_seconds: seconds } = healthOf(policy, system);
  if (seconds === 0) return;
  const words = ['/usr/bin/sleep', String(seconds)];
  await host.read('letting it settle', { words, timeoutMs: seconds * 1_000 + CHECK_MS });
}

/** What the checks are, for a plan. */
export function checksOf(policy: PatchingPolicy, system: string): string[] {
  const { services, ports, commands } = healthOf(policy, system);
  return [
    ...services.map((service) => `service ${service} runs`),
    ...ports.map((port) => `port ${port} is listened on`),
    ...commands.map((words) => `${words.join(' ')} ends with 0`),
  ];
}

async function checkService(host: Host, service: string): Promise<Finding> {
  const isWell = await isRunning(host, service);
  return { check: `service ${service} runs`, isWell, detail: isWell ? 'it does' : 'it does not' };
}

/** Everybody may ask. 1 to 4 are the codes of a service that does not run (Linux Standard Base); anything else is no answer. */
export async function isRunning(host: Host, service: string): Promise<boolean> {
  const words = ['/usr/sbin/service', service, 'status'];
  const asked = { words, codes: [0, 1, 2, 3, 4], timeoutMs: CHECK_MS };
  return (await host.read('asking for a service', asked)).code === 0;
}

/** Both tables of the kernel; 0A is LISTEN. */
async function checkPorts(host: Host, ports: readonly number[]): Promise<Finding[]> {
  const { text } = await host.read('asking for open ports', {
    words: ['/usr/bin/cat', '/proc/net/tcp', '/proc/net/tcp6'],
    codes: [0, 1],
  });
  const open = new Set(
    [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A /gm)].map(([, port]) =>
      Number.parseInt(port!, 16),
    ),
  );
  return ports.map((port) => ({
    check: `port ${port} is listened on`,
    isWell: open.has(port),
    detail: open.has(port) ? 'it is' : 'nobody listens',
  }));
}

async function checkCommand(host: Host, words: readonly string[]): Promise<Finding> {
  const { code, text } = await host.read('running a check', { words, codes: ANY, timeoutMs: CHECK_MS });
  const said = JSON.stringify(text.trim().slice(0, MAX_SAID));
  return {
    check: `${words.join(' ')} ends with 0`,
    isWell: code === 0,
    detail: `ended with ${code}: ${said}`,
  };
}

const ANY = Array.from({ length: 256 }, (_, code) => code);
