/**
 * Proof: a process that gives and ends access on a real PostgreSQL is killed (SIGKILL) before and after every write and
 * every call; the server's own log shows each change once, nothing is left on it, and no call is without a receipt.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../../store/embedded/open.ts';
import { type PostgresFacts, startPostgres } from '../testbed/postgres.ts';
import { type AccessLifeOptions, liveAccess } from './access-life.ts';
import { lostReceipts, requestsOf } from './access-story.ts';
import { type DatabaseBed, databaseBed } from './database-bed.ts';
import type { Proof } from './proof.ts';
import { spawned } from './spawned.ts';

export interface AccessCrashCase {
  readonly cutAt: number;
  readonly point: string;
  /** How often each change happened on the target. */
  readonly changes: Readonly<Record<string, number>>;
  readonly lost: number;
  /** What the target still holds. */
  readonly left: readonly string[];
}

const child = join(import.meta.dirname, `access-child${import.meta.filename.slice(-3)}`);
const policyFile = join(import.meta.dirname, '../../policies/access.yml');

/** `every` 1 kills at every point; 7 at every seventh. */
async function accessCrashCases(
  postgres: PostgresFacts,
  every: number,
  hear: (one: AccessCrashCase) => void,
) {
  const tag = `acc${process.pid}`;
  const bed = await databaseBed(postgres, tag);
  try {
    await bed.pg.query(`CREATE ROLE "${tag}-power" NOLOGIN`);
    const whole = await oneCase(bed, postgres, tag, 0);
    const cases = [whole.result];
    hear(whole.result);
    for (let cutAt = 1; cutAt <= whole.points; cutAt += every) {
      const { result } = await oneCase(bed, postgres, tag, cutAt);
      cases.push(result);
      hear(result);
    }
    return { cases, points: whole.points };
  } finally {
    await bed.close();
  }
}

async function oneCase(bed: DatabaseBed, postgres: PostgresFacts, tag: string, cutAt: number) {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-access-crash-'));
  try {
    const account = `${tag}-${cutAt}`;
    const person = await bed.person(account);
    const session = await bed.session(person);
    const ask = { system: 'payments', role: `${tag}-power`, account, why: 'proof', minutes: 30 };
    const options: AccessLifeOptions = {
      file: join(folder, 'store.db'),
      targets: { payments: bed.target },
      policyFile,
      ask,
      cutAt,
      points: join(folder, 'points'),
    };
    const died = cutAt > 0 ? await spawned(child, options).ended : undefined;
    if (died !== undefined && died !== 'SIGKILL')
      throw new Error(`the child should have died at point ${cutAt}; it ended with ${died}`);
    // Another process, which is this one, goes on; an undisturbed story is its own from the start.
    const whole = died === undefined ? options : { ...options, points: `${options.points}-after`, cutAt: 0 };
    await liveAccess(whole);
    const points = readFileSync(options.points, 'utf8').trimEnd().split('\n');
    await session.ended;
    const store = await openEmbedded({ file: options.file });
    const lost = await lostReceipts(store.documents);
    const states = (await requestsOf(store.documents, ask)).map(({ state }) => state);
    await store.close();
    const left = await leftOn(bed, account, ask.role);
    if (states.at(-1) !== 'ended') left.push(`the last request is ${states.at(-1)}`);
    const changes = databaseChanges(postgres, account);
    return {
      points: points.length,
      result: { cutAt, point: cutAt === 0 ? '' : (points.at(-1) ?? ''), changes, lost, left },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Asked of the server, not of Vigia. */
export async function leftOn(bed: DatabaseBed, account: string, role: string): Promise<string[]> {
  const { rows } = await bed.pg.query(
    `SELECT pg_has_role($1, $2, 'MEMBER') AS member, EXISTS (SELECT FROM pg_stat_activity WHERE usename = $1) AS session`,
    [account, role],
  );
  return [...(rows[0].member ? ['membership'] : []), ...(rows[0].session ? ['session'] : [])];
}

/** PostgreSQL's own log: every statement that Vigia's role sent about the account, and every session of it that was ended. */
export function databaseChanges({ logFile }: PostgresFacts, account: string): Record<string, number> {
  const records = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(account))
    .map((line) => JSON.parse(line) as { message?: string; user?: string; state_code?: string });
  const count = (word: string) =>
    records.filter(({ message = '' }) =>
      new RegExp(`^(statement|execute [^:]*): ${word} .*"${account}"$`).test(message),
    ).length;
  return {
    GRANT: count('GRANT'),
    REVOKE: count('REVOKE'),
    ended: records.filter(({ user, state_code }) => user === account && state_code === '57P01').length,
  };
}

/** Starts its own server; runs on the embedded store, whose writes are the ones that are cut. */
export const accessCrash: Proof = async ({ scale, say }) => {
  const postgres = await startPostgres();
  try {
    const { cases, points } = await accessCrashCases(
      postgres,
      Math.max(1, Math.round(1 / scale)),
      ({ cutAt, point, changes, lost, left }) =>
        say(
          `${cutAt}\t${point || 'undisturbed'}\tchanges ${Object.values(changes).join(' ')}\treceipts lost ${lost}\t${left.join(', ') || 'ended'}`,
        ),
    );
    const twice = (changes: Record<string, number>) =>
      Object.values(changes).filter((count) => count > 1).length;
    return {
      proof: 'access-crash',
      cases: cases.length,
      lost: cases.reduce((sum, { lost }) => sum + lost, 0),
      doubled: cases.reduce((sum, { changes }) => sum + twice(changes), 0),
      failed: cases.filter(({ left }) => left.length > 0).length,
      more: { points },
    };
  } finally {
    await postgres.stop();
  }
};
