/**
 * Proof `correlation`: five million matches of a million groups, a tenth of them late, go through the role `detect` while it
 * runs through, and while it is killed (SIGKILL) at random moments. Both times the settled alerts are those of a naive
 * evaluation in one ordered pass. The store is a port of the proof's own, without network, disk or search behind it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_POINTS } from '../../server/roles/group-memory.ts';
import { openWorkload, type WorkloadRun, writeWorkload } from './correlation-files.ts';
import { expectedEpisodes } from './correlation-naive.ts';
import { proofStore } from './correlation-store.ts';
import type { Proof } from './proof.ts';

const MATCHES = 5_000_000;
const KILLS = 50;
/** What one point in memory may take with everything that hangs on it, and what the rest of the work may. */
const BYTES_PER_POINT = 600;
/** What the proof's own store keeps of an alert in memory. */
const BYTES_PER_ALERT = 500;
const BYTES_BESIDES = 250 * 1_048_576;
/** As `bin/vigia` has it; young objects take up to three. */
const SEMI_SPACE_MB = 16;
const CHILD = join(import.meta.dirname, 'correlation-child.ts');

export const correlation: Proof = async ({ scale, say }) => {
  const result = {
    proof: 'correlation',
    cases: 0,
    lost: 0,
    doubled: 0,
    failed: 0,
    more: {} as Record<string, number | string>,
  };
  const kills = Math.max(3, Math.round(KILLS * Math.min(1, scale * 10)));
  const folder = mkdtempSync(join(tmpdir(), 'vigia-proof-'));
  try {
    const matches = writeWorkload(folder, Math.max(20_000, Math.round(MATCHES * scale)));
    const { groups, count } = matches;
    let episodes = 0;
    for (const _ of expectedEpisodes(matches)) episodes += 1;
    say(`${count} matches of ${groups} groups are made, with ${episodes} episodes`);
    const allowed = MOST_POINTS * BYTES_PER_POINT + episodes * BYTES_PER_ALERT + BYTES_BESIDES;
    // Node lets a heap grow as long as there is memory; with this limit it ends where it needs more than we say.
    const start = () =>
      fork(CHILD, [folder], {
        execArgv: [
          '--disable-warning=ExperimentalWarning',
          `--max-semi-space-size=${SEMI_SPACE_MB}`,
          `--max-old-space-size=${mega(allowed) - 3 * SEMI_SPACE_MB}`,
        ],
      });
    const run = await runThrough(start);
    const settled = compare(folder);
    say(`ran through in ${Math.round(run.wallMs / 1_000)} s: ${JSON.stringify({ ...settled, ...run })}`);
    openedAnew(folder);
    const spacingMs = (2 * run.wallMs) / kills;
    let killed = 0;
    for (; killed < kills; killed++) if (!(await runAndKill(start, Math.random() * spacingMs))) break;
    await runThrough(start);
    const afterKills = compare(folder);
    say(`killed ${killed} times: ${JSON.stringify(afterKills)}`);
    for (const verdict of [settled, afterKills]) {
      result.lost += verdict.missing;
      result.doubled += verdict.extra;
      result.failed += verdict.different;
    }
    const most = run.rssBefore + allowed;
    // Between two trims a round adds what it loads.
    if (run.pointsMost > MOST_POINTS || run.rssMost > most) result.failed += 1;
    result.cases = 1 + killed;
    result.more = {
      matches: count,
      groups,
      episodes,
      kills: killed,
      'matches/s': Math.round(count / (run.wallMs / 1_000)),
      'matches per CPU second': Math.round(count / (run.cpuMs / 1_000)),
      'points in memory, most': run.pointsMost,
      'points in memory, allowed': MOST_POINTS,
      'memory MB, before and most': `${mega(run.rssBefore)} ${mega(run.rssMost)}`,
      'memory MB, allowed': mega(most),
      'groups loaded again': run.late,
    };
    return result;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const mega = (bytes: number): number => Math.round(bytes / 1_048_576);

interface Verdict {
  expected: number;
  /** Episodes without an alert, alerts without an episode, and alerts with another span or count. */
  missing: number;
  extra: number;
  different: number;
}

/** The alerts that stand, by group and first moment, against the naive evaluation. */
function compare(folder: string): Verdict {
  const { matches, keys, alertsFile } = openWorkload(folder);
  const standing = new Map<string, { to: string; count: number }>();
  const verdict: Verdict = { expected: 0, missing: 0, extra: 0, different: 0 };
  for (const { key, from, to, count, state } of proofStore(matches, keys, alertsFile).alerts.values()) {
    if (state !== 'open') continue;
    const place = `${keys.groupOf(key)}|${from}`;
    if (standing.has(place)) verdict.extra += 1;
    standing.set(place, { to, count });
  }
  for (const { group, fromMs, toMs, count } of expectedEpisodes(matches)) {
    verdict.expected += 1;
    const place = `${group}|${new Date(fromMs).toISOString()}`;
    const found = standing.get(place);
    if (!found) verdict.missing += 1;
    else if (found.to !== new Date(toMs).toISOString() || found.count !== count) verdict.different += 1;
    standing.delete(place);
  }
  verdict.extra += standing.size;
  return verdict;
}

const openedAnew = (folder: string): void => rmSync(openWorkload(folder).alertsFile);

type Start = () => ReturnType<typeof fork>;

async function runThrough(start: Start): Promise<WorkloadRun> {
  const child = start();
  let run: WorkloadRun | undefined;
  child.on('message', (message: { run?: WorkloadRun }) => (run = message.run ?? run));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || !run) throw new Error(`the correlating process ended with ${code}`);
  return run;
}

/** False when it was done before its time came. */
async function runAndKill(start: Start, afterMs: number): Promise<boolean> {
  const child = start();
  const ended = once(child, 'exit');
  await Promise.race([once(child, 'message'), ended]);
  await Promise.race([sleep(afterMs), ended]);
  if (child.exitCode !== null) {
    if (child.exitCode !== 0) throw new Error(`the correlating process ended with ${child.exitCode}`);
    return false;
  }
  child.kill('SIGKILL');
  await ended;
  return true;
}
