/** `vigia access ssh`: a session on a host through the gateway, recorded, with the hash of the recording in the audit trail. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Gateway } from '../../../access/index.ts';
import { errors } from '../../../core/errors.ts';
import { command } from '../../command.ts';
import { facts } from '../../print.ts';

/** Of a terminal that does not say. */
const USUAL = { columns: 80, rows: 24 };

export const ssh = command({
  name: 'access ssh',
  summary: 'a recorded session on a host; it ends with the access',
  arguments: '<access> [command...]',
  options: [
    {
      flags: '--identity <file>',
      summary: 'private key without a pass phrase; the SSH agent when left out',
    },
    {
      flags: '--recordings <folder>',
      summary: 'where the recording goes; "recordings" in the state folder when left out',
    },
  ],
  example: 'vigia access ssh ACC-2026-000017 --identity ~/.ssh/id_ed25519',
  async run([id, ...words], options, context) {
    const { recordedSession } = await import('../../../access/index.ts');
    const { readSettings } = await import('../../../server/settings.ts');
    const api = await context.api();
    const path = `/api/v1/access/${encodeURIComponent(id!)}`;
    const { gateway } = await api.get<{ gateway: Gateway }>(`${path}/gateway`);
    const login = loginOf(options['identity']);
    const folder = resolve(
      String(options['recordings'] ?? join(readSettings(context.settingsFile).state, 'recordings')),
    );
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const session = crypto.randomUUID();
    const file = join(folder, `${gateway.id}-${session}.cast`);
    await api.post(`${path}/recordings`, { id: session, file });
    context.note(`recorded into ${file}; the access ends at ${gateway.to}`);
    // With --json the one line of the result stands alone on stdout.
    const screen = context.json ? process.stderr : process.stdout;
    const { columns, rows } = process.stdout.isTTY ? process.stdout : USUAL;
    const isTyped = process.stdin.isTTY === true;
    if (isTyped) process.stdin.setRawMode(true);
    let resized: (() => void) | undefined;
    const ended = await recordedSession({
      gateway,
      login,
      file,
      terminal: { columns, rows, type: process.env['TERM'] ?? 'xterm-256color' },
      // A command reads nothing, so that it can be called from scripts and loops.
      ...(words.length === 0 ? { input: process.stdin } : { commandLine: words.join(' ') }),
      output: (bytes) => void screen.write(bytes),
      resizing(resize) {
        resized = () => resize(process.stdout.columns, process.stdout.rows);
        if (process.stdout.isTTY) process.stdout.on('resize', resized);
      },
      now: Date.now,
      signal: context.signal,
    }).finally(() => {
      if (resized !== undefined) process.stdout.off('resize', resized);
      if (isTyped) process.stdin.setRawMode(false);
    });
    const { bytes, sha256 } = ended;
    try {
      await api.post(`${path}/recordings/${session}`, { bytes, sha256 });
    } catch (cause) {
      context.note(`the recording ${file} has the SHA-256 ${sha256}, and nobody could be told`);
      throw cause;
    }
    const isOver = ended.exitCode === undefined && Date.now() >= Date.parse(gateway.to);
    if (ended.exitCode === undefined) context.note(isOver ? 'the access is over' : 'the connection was cut');
    return {
      data: { recording: { id: session, file, bytes, sha256 }, exitCode: ended.exitCode ?? null },
      text: facts([
        ['recording', file],
        ['SHA-256', sha256],
      ]),
      exitCode: ended.exitCode === 0 ? 0 : 1,
    };
  },
});

function loginOf(identity: unknown): { privateKey: Buffer } | { agent: string } {
  if (identity === undefined) {
    const agent = process.env['SSH_AUTH_SOCK'];
    if (agent) return { agent };
    throw errors.usage(
      'there is no SSH agent',
      'name the key with --identity, or start an agent that has it',
    );
  }
  try {
    return { privateKey: readFileSync(String(identity)) };
  } catch (cause) {
    throw errors.usage(`the key ${String(identity)} cannot be read: ${(cause as Error).message}`);
  }
}
