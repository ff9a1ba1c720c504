/**
 * Proves on real targets that containing an account survives SIGKILL before and after every journal write and every
 * call on a target: what the targets' own logs count happened at most once, no receipt is lost, the end is contained.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from 'ldapts';
import type { JournalEntry } from '../../core/documents.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { type PostgresFacts, startPostgres } from '../testbed/postgres.ts';
import { startSamba } from '../testbed/samba.ts';
import type { SambaFacts } from '../testbed/samba-tools.ts';
import type { ChildOptions } from './contain-account-child.ts';
import { type Containment, containment, type Person } from './containment.ts';
import type { Proof } from './proof.ts';
import { databaseChanges, directoryChanges } from './target-logs.ts';

export interface CrashCase {
  readonly cutAt: number;
  readonly point: string;
  /** Kind of change → how often the target's own log shows it. */
  readonly changes: Readonly<Record<string, number>>;
  /** Started steps without a receipt at the end. */
  readonly lost: number;
  /** Changes that happened more than once. */
  readonly doubled: number;
  /** What is not contained, as the targets say. */
  readonly left: readonly string[];
}

export interface CrashCases {
  readonly cases: readonly CrashCase[];
  /** How many points one undisturbed run has. */
  readonly points: number;
}

const root = join(import.meta.dirname, '../..');
const child = join(import.meta.dirname, `contain-account-child${import.meta.filename.slice(-3)}`);

/** `every` 1 kills at every point; 7 at every seventh. */
export async function crashCases(
  samba: SambaFacts,
  postgres: PostgresFacts,
  every: number,
): Promise<CrashCases> {
  const tag = `crash${process.pid}`;
  const bed = await containment(samba, postgres, tag);
  try {
    await bed.group(`${tag}-nested`, ['Domain Admins']);
    const whole = await oneCase(bed, samba, postgres, tag, 0);
    const points = whole.points;
    const cases = [whole.result];
    for (let cutAt = 1; cutAt <= points; cutAt += every)
      cases.push((await oneCase(bed, samba, postgres, tag, cutAt)).result);
    return { cases, points };
  } finally {
    await bed.close();
  }
}

async function oneCase(
  bed: Containment,
  samba: SambaFacts,
  postgres: PostgresFacts,
  tag: string,
  cutAt: number,
) {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-crash-'));
  try {
    const person = await bed.person(`${tag}-${cutAt}`, ['Domain Admins', `${tag}-nested`]);
    await bed.pg.query(`GRANT pg_monitor TO "${person.name}"`);
    const session = await bed.session(person);
    const options: ChildOptions = {
      file: join(folder, 'store.db'),
      targets: bed.targets,
      flowsFolder: join(root, 'playbooks/flows'),
      policiesFolder: join(root, 'policies'),
      input: { account: person.name, role: person.name },
      cutAt,
      points: join(folder, 'points'),
    };
    const died = await runChild(options);
    const points = existsSync(options.points)
      ? readFileSync(options.points, 'utf8').trimEnd().split('\n')
      : [];
    if ((died === 'SIGKILL') !== cutAt > 0 || (cutAt > 0 && points.length !== cutAt))
      throw new Error(
        `the child should have died at point ${cutAt}; it ended with ${died} after ${points.length}`,
      );
    if (cutAt > 0) expectGoodEnd(await runChild({ ...options, cutAt: 0 }));
    await session.ended;
    const changes = { ...directoryChanges(samba, person), ...databaseChanges(postgres, person) };
    const doubled = Object.values(changes).filter((count) => count > 1).length;
    const lost = await lostReceipts(options.file);
    const left = await notContained(bed, person);
    return {
      points: points.length,
      result: { cutAt, point: points.at(-1) ?? '', changes, lost, doubled, left },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The signal or exit code that ended it. */
async function runChild(options: ChildOptions): Promise<string> {
  const process_ = spawn(process.execPath, [child, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return await new Promise((resolve, reject) => {
    process_.once('error', reject);
    process_.once('exit', (code, signal) => resolve(signal ?? String(code)));
  });
}

function expectGoodEnd(ended: string): void {
  if (ended !== '0') throw new Error(`the process that went on ended with ${ended}`);
}

async function lostReceipts(file: string): Promise<number> {
  const store = await openEmbedded({ file });
  try {
    const { found } = await store.documents.find('journal', { size: 10_000 });
    const keys = (entry: JournalEntry['entry']) =>
      new Set(found.filter(({ body }) => body.entry === entry).map(({ body }) => body.key));
    const started = await store.documents.find('marker', { size: 10_000 });
    const receipts = keys('receipt');
    const verified = keys('verified');
    return started.found
      .map(({ id }) => id.replace(/\/started$/, ''))
      .filter((key) => !receipts.has(key) || !verified.has(key)).length;
  } finally {
    await store.close();
  }
}

/** Asked of the targets, not of Vigia. */
async function notContained(bed: Containment, person: Person): Promise<string[]> {
  const { searchEntries } = await bed.ldap.search(person.dn, {
    scope: 'base',
    attributes: ['userAccountControl', 'memberOf', 'logonHours'],
  });
  const entry: Partial<Entry> = searchEntries[0] ?? {};
  const role = await bed.pg.query(
    `SELECT rolcanlogin OR rolconnlimit <> 0 AS open, EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS member,
            EXISTS (SELECT FROM pg_stat_activity WHERE usesysid = r.oid) AS session FROM pg_roles r WHERE rolname = $1`,
    [person.name],
  );
  const { open, member, session } = role.rows[0];
  const left = {
    'account enabled': (Number(entry['userAccountControl']) & 2) === 0,
    'privileged groups': [entry['memberOf'] ?? []].flat().length > 0,
    'logon hours': String(entry['logonHours'] ?? '') === '',
    'role open': open,
    'role memberships': member,
    sessions: session,
  };
  return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
}

/** Starts its own targets; runs on the embedded store, whose writes are the ones that are cut. */
export const containAccountCrash: Proof = async ({ scale, say }) => {
  const [samba, postgres] = await Promise.all([startSamba(), startPostgres()]);
  try {
    const { cases, points } = await crashCases(samba, postgres, Math.max(1, Math.round(1 / scale)));
    for (const { cutAt, point, changes, lost, left } of cases)
      say(
        `${cutAt}\t${point || 'undisturbed'}\tchanges ${Object.values(changes).join(' ')}\treceipts lost ${lost}\t${left.join(', ') || 'contained'}`,
      );
    return {
      proof: 'contain-account-crash',
      cases: cases.length,
      lost: cases.reduce((sum, { lost }) => sum + lost, 0),
      doubled: cases.reduce((sum, { doubled }) => sum + doubled, 0),
      failed: cases.filter(({ left }) => left.length > 0).length,
      more: { points },
    };
  } finally {
    await Promise.all([samba.stop(), postgres.stop()]);
  }
};
