/** Restarts a Linux host in a minute, and proves by what only a new start has that it came back. */
import { errors } from '../../core/errors.ts';
import type { Host } from '../../targets/ssh.ts';
import { action, type Proof } from '../action.ts';
import { system } from '../inputs.ts';
import { hostSubject, hostTarget } from '../patching/patched-host.ts';
import { readReboot } from '../patching/restarts.ts';

interface Input {
  readonly system: string;
  readonly maxSessions: number;
}

interface Before {
  /** What a new start changes. */
  readonly start: string;
}

/** Firmware of servers takes its time. */
const PATIENCE_MS = 15 * 60_000;
/** deploy/sudoers-vigia holds these words. In a minute: the answer gets through, and people are told on their terminals. */
const RESTART = ['/usr/sbin/shutdown', '-r', '+1', 'Vigia restarts this host in a minute'];

export const hostReboot = action<Input, Before, { asked: boolean }>({
  id: 'host.reboot',
  title: 'Restart a Linux host',
  risk: 'destructive',
  patienceMs: PATIENCE_MS,
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      system: system('ssh'),
      maxSessions: {
        type: 'integer',
        minimum: 0,
        maximum: 1_000,
        default: 5,
        description: 'More people than this on the host refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => {
      const { why } = await readReboot(host);
      const people = await sessionsOn(host);
      return {
        plan: {
          targets: [hostTarget(input.system, host)],
          changes: [
            `- restarts ${input.system} a minute after it was asked, with everything that runs there (sessions of people now: ${people.length})`,
            ...why,
          ],
          stays: ['what does not start by itself at boot stays stopped: follow with host.check-health'],
          undo: 'impossible: a restart cannot be taken back; within the minute: shutdown -c on the host',
          proof: `asks the host for its start, for up to ${PATIENCE_MS / 60_000} minutes`,
          bounds: { hosts: 1, sessions: input.maxSessions },
          observed: { hosts: 1, sessions: people.length, sessionList: people, needed: why.length > 0 },
        },
        subjects: [hostSubject(input.system, host)],
        before: { start: await startOf(host) },
      };
    }),
  act: ({ input, before, plan }, ctx) =>
    ctx.host(input.system, async (host) => {
      if ((await startOf(host)) !== before.start) return { asked: false };
      if ((await sessionsOn(host)).length > (plan.bounds['sessions'] ?? 0))
        throw errors.refused('more people are on the host than approved');
      await host.change('asking for a restart', { words: RESTART, sudo: true });
      return { asked: true };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host): Promise<Proof> => {
      const start = await startOf(host);
      return start === before.start
        ? { outcome: 'not-proven', detail: 'the host has not been started anew; look at it, then resume' }
        : { outcome: 'proven', detail: 'the host was started anew and answers' };
    }),
  undo: 'a restart cannot be taken back',
});

/** The kernel's own number of this boot; in a container the kernel goes on, and only process 1 is a new one. */
async function startOf(host: Host): Promise<string> {
  const { text } = await host.read('asking for its start', {
    words: ['/usr/bin/cat', '/proc/sys/kernel/random/boot_id', '/proc/1/stat'],
  });
  const [boot = '', first = ''] = text.split('\n');
  // The name of the program may hold anything but ends with the last bracket; its start is the twentieth field behind.
  const startedAt = first.slice(first.lastIndexOf(')') + 2).split(' ')[19];
  if (!/^[0-9a-f-]{36}$/.test(boot) || startedAt === undefined)
    throw errors.remote(host.server, 'asking for its start', 'the host does not say when it was started');
  return `${boot}/${startedAt}`;
}

async function sessionsOn(host: Host): Promise<string[]> {
  const { text } = await host.read('asking who is there', { words: ['/usr/bin/who'] });
  return text.split('\n').filter((line) => line !== '');
}
