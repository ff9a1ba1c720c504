/**
 * Ends live sessions of an account as far as a directory can: it forbids every logon hour, on which Windows servers
 * with forced logoff act. LDAP can neither list nor end sessions, so this step is never proven: it says what is left.
 */
import type { Directory } from '../../targets/directory.ts';
import { byGuid, findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { action, said } from '../action.ts';
import { type AccountInput, account, system } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Input extends AccountInput {
  readonly addresses: readonly string[];
}

interface Before {
  readonly guid: string;
  /** Hexadecimal; null when the account had no restriction. */
  readonly logonHours: string | null;
}

/** One bit for each hour of the week. */
const NO_HOURS = Buffer.alloc(21);

const hoursOf = async (directory: Directory, guid: string): Promise<string | null> => {
  const bytes = (await directory.entry(byGuid(guid), ['logonHours']))?.bytes('logonHours')[0];
  return bytes === undefined || bytes.length === 0 ? null : bytes.toString('hex');
};

export const directoryEndSessions = action<Input, Before, { forbidden: boolean }>({
  id: 'directory.end-sessions',
  title: 'End live sessions of an account, as far as the directory can',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['account'],
    additionalProperties: false,
    properties: {
      system: system('directory'),
      account,
      addresses: {
        type: 'array',
        maxItems: 100,
        default: [],
        items: { type: 'string', maxLength: 64, pattern: '^[0-9a-fA-F:.%]+$' },
        description:
          'Addresses from which the account was seen, for the sentence that says what to cut by hand.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const found = await findAccount(directory, input.account);
      const before: Before = { guid: found.guid, logonHours: await hoursOf(directory, found.guid) };
      const forbidden = before.logonHours === NO_HOURS.toString('hex');
      return {
        plan: {
          targets: [accountTarget(input.system, found)],
          changes: forbidden
            ? []
            : [`~ logon hours of ${said(found.name)}: none (servers with forced logoff end its sessions)`],
          stays: [
            'LDAP connections that are bound already: they go on reading and writing',
            'open SMB sessions on servers without forced logoff; Kerberos service tickets until they expire',
          ],
          undo: 'restores the logon hours; ended sessions cannot be brought back',
          proof: 'none: LDAP cannot list sessions, so this step ends as not proven and says what to do',
          bounds: { accounts: 1 },
          observed: {
            accounts: 1,
            logonHours: before.logonHours ?? 'not restricted',
            addresses: [...input.addresses],
          },
        },
        subjects: [accountSubject(input.system, found)],
        before,
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      if ((await hoursOf(directory, before.guid)) === NO_HOURS.toString('hex')) return { forbidden: false };
      await directory.modify(byGuid(before.guid), [
        { operation: 'replace', attribute: 'logonHours', values: [NO_HOURS] },
      ]);
      return { forbidden: true };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      if ((await readAccount(directory, before.guid)) === undefined)
        return { outcome: 'not-proven', detail: `the account is gone; ${leftToDo(input.addresses)}` };
      const forbidden = (await hoursOf(directory, before.guid)) === NO_HOURS.toString('hex');
      const state = forbidden ? 'every logon hour is forbidden' : 'the logon hours were NOT changed';
      return { outcome: 'not-proven', detail: `${state}, but ${leftToDo(input.addresses)}` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      if ((await hoursOf(directory, before.guid)) !== before.logonHours) {
        const values = before.logonHours === null ? [] : [Buffer.from(before.logonHours, 'hex')];
        await directory.modify(byGuid(before.guid), [
          { operation: 'replace', attribute: 'logonHours', values },
        ]);
      }
      return (await hoursOf(directory, before.guid)) === before.logonHours
        ? { outcome: 'proven', detail: 'the logon hours are as before' }
        : { outcome: 'not-proven', detail: 'the logon hours are not as before; set them by hand' };
    }),
});

function leftToDo(addresses: readonly string[]): string {
  const from = addresses.length > 0 ? addresses.join(', ') : 'each address the account was seen from';
  return (
    'LDAP can neither list nor end sessions: LDAP connections bound before, open SMB sessions and Kerberos service ' +
    'tickets go on. NOT CONTAINED until you do one of these: restart the directory service on every controller; on ' +
    `Samba "smbcontrol smbd kill-client-ip" for ${from}; on Windows "Close-SmbSession" on every file server and ` +
    `controller; block ${from} at the firewall; or wait until the longest ticket life is over`
  );
}
