/** Counts what happened to one person, from the targets' own audit logs. */
import { readFileSync } from 'node:fs';
import type { MariadbFacts } from '../testbed/mariadb.ts';
import type { PostgresFacts } from '../testbed/postgres.ts';
import type { SambaFacts } from '../testbed/samba-tools.ts';
import type { Person } from './containment.ts';

/** Samba's own audit log: who changed which attribute of which object, and that it worked. */
export function directoryChanges({ logs }: SambaFacts, person: Person): Record<string, number> {
  const counts: Record<string, number> = {
    'userAccountControl |= 2': 0,
    'logonHours = none': 0,
    'member -= Domain Admins': 0,
    'member -= nested': 0,
  };
  const add = (kind: string) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  for (const line of readFileSync(logs.dsdb, 'utf8').split('\n')) {
    if (!line.trim().startsWith('{')) continue;
    const { dsdbChange: change } = JSON.parse(line) as { dsdbChange?: DsdbChange };
    if (change?.operation !== 'Modify' || change.statusCode !== 0) continue;
    const { userAccountControl, logonHours, member } = change.attributes ?? {};
    // When it was made the account was enabled with a plain replace; Vigia takes a value out and puts one in.
    if (change.dn === person.dn && userAccountControl?.actions.some(({ action }) => action === 'delete'))
      add('userAccountControl |= 2');
    if (change.dn === person.dn && logonHours !== undefined) add('logonHours = none');
    const taken = member?.actions.some(
      ({ action, values = [] }) => action === 'delete' && values.some(({ value }) => value === person.dn),
    );
    if (taken) add(change.dn?.includes('-nested') ? 'member -= nested' : 'member -= Domain Admins');
  }
  return counts;
}

/** Samba's own audit log: how often somebody's password was set. */
export function passwordsSet({ logs }: SambaFacts, person: Person): number {
  return readFileSync(logs.dsdb, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"unicodePwd"') && line.includes(person.dn))
    .map((line) => (JSON.parse(line) as { dsdbChange?: DsdbChange }).dsdbChange)
    .filter((change) => change?.dn === person.dn && change.operation === 'Modify' && change.statusCode === 0)
    .length;
}

interface DsdbChange {
  readonly operation?: string;
  readonly statusCode?: number;
  readonly dn?: string;
  readonly attributes?: Readonly<
    Record<
      string,
      {
        readonly actions: readonly {
          readonly action: string;
          readonly values?: readonly { readonly value?: string }[];
        }[];
      }
    >
  >;
}

/** PostgreSQL's own log: every statement that Vigia's role sent, and every session that was ended. */
export function databaseChanges({ logFile }: PostgresFacts, { name }: Person): Record<string, number> {
  const records = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(name))
    .map((line) => JSON.parse(line) as { message?: string; user?: string; state_code?: string });
  const count = (test: RegExp) => records.filter(({ message = '' }) => test.test(message)).length;
  return {
    'ALTER ROLE': count(/^(statement|execute [^:]*): ALTER ROLE .* NOLOGIN/),
    REVOKE: count(/^(statement|execute [^:]*): REVOKE /),
    terminate: records.filter(({ user, state_code }) => user === name && state_code === '57P01').length,
  };
}

/** MariaDB's own audit log: every statement about that account. Passwords in it are hidden by the server. */
export function mariadbChanges({ logFile }: MariadbFacts, name: string): Record<string, number> {
  const statements = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(name) && line.includes('svc-vigia-'));
  const count = (test: RegExp) => statements.filter((line) => test.test(line)).length;
  return { LOCK: count(/ACCOUNT LOCK/), REVOKE: count(/'REVOKE ALL PRIVILEGES/), KILL: count(/'KILL USER /) };
}
