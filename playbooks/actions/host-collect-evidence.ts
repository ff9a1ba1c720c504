/** Takes what a Linux host shows of a break-in before anything is ended or isolated: processes, connections, logons, hashes of programs, logs. Secrets in command lines and logs are masked. */
import { VigiaError } from '../../core/errors.ts';
import { maskSecrets } from '../../core/secrets.ts';
import type { Host, HostCommand } from '../../targets/ssh.ts';
import { action } from '../action.ts';
import { system } from '../inputs.ts';
import { keepFiles, proveFiles, type Taken } from '../manifest.ts';

interface Input {
  readonly system: string;
  readonly hours: number;
  readonly logs: readonly string[];
}

/** Process numbers handed to one command: the line stays short enough for sudo. */
const AT_ONCE = 100;

export const hostCollectEvidence = action<Input, null, { manifest: string; files: number; missing: number }>({
  id: 'host.collect-evidence',
  title: 'Collect evidence from a Linux host',
  risk: 'read',
  input: {
    type: 'object',
    required: ['system'],
    additionalProperties: false,
    properties: {
      system: system('web1'),
      hours: {
        type: 'integer',
        minimum: 1,
        maximum: 72,
        default: 4,
        description: 'How far back the journal is read.',
      },
      logs: {
        type: 'array',
        maxItems: 20,
        default: ['/var/log/auth.log', '/var/log/syslog'],
        items: { type: 'string', pattern: '^/var/log/[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)?$' },
        description: 'Log files whose last 5,000 lines are taken besides.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => ({
      plan: {
        targets: [{ system: input.system, identity: host.server, name: input.system }],
        changes: [],
        stays: [
          'everything: it only reads. Its own logon and commands show in the logs of the host',
          'memory and disks: take an image by hand where it may come to a trial',
        ],
        undo: 'nothing was changed',
        proof: 'reads the kept files back and computes their SHA-256 again',
        bounds: {},
        observed: {},
      },
      subjects: [{ system: input.system, kind: 'named-asset', names: [input.system] }],
      before: null,
    })),
  act: ({ input }, ctx) =>
    ctx.host(input.system, async (host) => {
      const at = (
        await host.read('reading its clock', command('/usr/bin/date', '-u', '+%FT%TZ'))
      ).text.trim();
      return await keepFiles(
        ctx.evidence,
        {
          of: host.server,
          at,
          facts: { clock: 'that of the host', masked: 'secrets in command lines and logs' },
        },
        filesOf(host, input),
      );
    }),
  verify: (_step, ctx) => proveFiles(ctx.evidence),
  undo: 'nothing was changed',
});

const command = (...words: string[]): HostCommand => ({ words });
const asRoot = (...words: string[]): HostCommand => ({ words, sudo: true });

/** The most fleeting first. */
async function* filesOf(host: Host, { hours, logs }: Input): AsyncIterable<Taken> {
  yield await take(host, 'connections.txt', asRoot('/usr/bin/ss', '-Htunap'));
  const columns = 'pid,ppid,user,lstart,tty,stat,comm,args';
  const processes = await take(host, 'processes.txt', command('/usr/bin/ps', '-ewwo', columns));
  yield processes;
  yield await take(host, 'logons.txt', command('/usr/bin/who', '-a'));
  yield* await programs(host, String(processes.content));
  const since = ['--no-pager', '--utc', '-o', 'short-iso', `--since=-${hours}h`];
  yield await take(host, 'journal.txt', asRoot('/usr/bin/journalctl', ...since));
  for (const log of logs) {
    const name = log.slice('/var/log/'.length).replaceAll('/', '-');
    yield await take(host, name, asRoot('/usr/bin/tail', '-n', '5000', log));
  }
}

/** What each process was started from, also when the file is deleted, with its hash. */
async function programs(host: Host, processes: string): Promise<Taken[]> {
  const links = [...processes.matchAll(/^\s*(\d+)\s/gm)].map(([, pid]) => `/proc/${pid}/exe`);
  const [names, hashes]: [Taken[], Taken[]] = [[], []];
  for (let at = 0; at < links.length; at += AT_ONCE) {
    const some = links.slice(at, at + AT_ONCE);
    // Kernel threads have none, and a process may have ended: code 1, with all the others.
    names.push(
      await take(host, 'programs.txt', { ...asRoot('/usr/bin/stat', '-c', '%N', ...some), codes: [0, 1] }),
    );
    hashes.push(
      await take(host, 'program-hashes.txt', { ...asRoot('/usr/bin/sha256sum', ...some), codes: [0, 1] }),
    );
  }
  return [names, hashes].flatMap(joined);
}

/** What one command gave, or why it gave nothing: one program that lacks must not lose the rest. */
async function take(host: Host, name: string, asked: HostCommand): Promise<Taken> {
  const from = asked.words.slice(0, 4).join(' ');
  try {
    const { text } = await host.read(`taking ${name}`, asked);
    return { name, from, content: Buffer.from(maskSecrets(text)) };
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    return { name, from, content: cause.message };
  }
}

function joined(pieces: readonly Taken[]): Taken[] {
  const [first] = pieces;
  if (first === undefined) return [];
  const failed = pieces.find(({ content }) => typeof content === 'string');
  if (failed !== undefined) return [failed];
  return [{ ...first, content: Buffer.concat(pieces.map(({ content }) => Buffer.from(content))) }];
}
