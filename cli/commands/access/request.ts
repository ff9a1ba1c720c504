/** `vigia access request`: asks for a privilege on a target for a time. */
import { readFileSync } from 'node:fs';
import type { Access } from '../../../core/documents.ts';
import { errors } from '../../../core/errors.ts';
import { command } from '../../command.ts';
import { describe } from './describe.ts';

const UNIT_MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440 };

function minutesOf(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * UNIT_MINUTES[unit]!;
  throw errors.usage(`--for ${text} is no length of time`, 'write 30m, 4h or 1d');
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw errors.usage(`the key ${file} cannot be read: ${(cause as Error).message}`);
  }
}

export const request = command({
  name: 'access request',
  summary: 'ask for a privilege for a time; a second person approves',
  options: [
    { flags: '--system <target>', summary: 'as the settings name it', required: true },
    {
      flags: '--role <role>',
      summary: 'group of a directory, role of a database, account of a host',
      required: true,
    },
    { flags: '--for <time>', summary: '30m, 4h, 1d; it begins when it is approved', required: true },
    { flags: '--why <text>', summary: 'what it is for; the approver reads it', required: true },
    { flags: '--ticket <id>', summary: 'ticket or change in the ITSM' },
    { flags: '--who <person>', summary: 'who gets it; yourself when left out' },
    { flags: '--account <account>', summary: 'account on the target; the name of the person when left out' },
    { flags: '--from <time>', summary: 'ISO time before which it does not begin' },
    { flags: '--key <file>', summary: 'public key that may log on, for a host' },
  ],
  example:
    'vigia access request --system payments --role payments_admin --for 2h --why "index rebuild" --ticket CHG-1042',
  async run(_args, options, context) {
    const one = (option: string, field = option) =>
      options[option] === undefined ? {} : { [field]: String(options[option]) };
    const asked = await (await context.api()).post<{ access: Access }>('/api/v1/access', {
      ...one('system'),
      ...one('role'),
      ...one('why'),
      ...one('ticket'),
      ...one('who'),
      ...one('account'),
      ...one('from', 'notBefore'),
      minutes: minutesOf(String(options['for'])),
      ...(options['key'] === undefined ? {} : { key: readKey(String(options['key'])) }),
    });
    return { data: asked, text: describe(asked.access) };
  },
});
