/** Plays one story, or the undoing of it, once for each point at which its process dies or sleeps, and counts on the targets and in the journal. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { spawned } from '../spawned.ts';
import type { Beds } from './beds.ts';
import { judge } from './judge.ts';
import { type LifeOptions, live, REFUSED } from './life.ts';
import type { StorePlace } from './proof-store.ts';
import type { Stage, Story } from './story.ts';

export interface CrashCase {
  readonly cutAt: number;
  readonly point: string;
  /** Kind of change → how often the target's own log shows it. */
  readonly changes: Readonly<Record<string, number>>;
  /** Started steps without a receipt at the end, and questions whose answer was lost. */
  readonly lost: number;
  /** Changes that happened more than once, and starts, receipts and answers that the journal has twice. */
  readonly doubled: number;
  /** What is not as the flow promises, as the targets say. */
  readonly left: readonly string[];
}

export interface CrashOptions {
  readonly how: 'kill' | 'stop';
  readonly phase: LifeOptions['phase'];
  /** 1 cuts at every point; 7 at every seventh. */
  readonly every: number;
  /** Left out: a file of its own for each case. Two processes can share only the other. */
  readonly elasticsearch?: { readonly url: string; readonly prefix: string };
  readonly hear?: (one: CrashCase) => void;
}

export interface CrashCases {
  readonly cases: readonly CrashCase[];
  /** How many points one undisturbed run has. */
  readonly points: number;
}

/** A request in flight takes less, a lease far longer. */
const ARRIVED_MS = 500;

const root = join(import.meta.dirname, '../../..');
const child = join(import.meta.dirname, `child${import.meta.filename.slice(-3)}`);
let stages = 0;

export async function crashCases(story: Story, beds: Beds, options: CrashOptions): Promise<CrashCases> {
  stages += 1;
  const tag = `cut${process.pid.toString(36)}${stages.toString(36)}`;
  const stage = await story.open(beds, tag);
  const play = async (cutAt: number) => {
    const played = await oneCase(story, stage, `${tag}-${cutAt}`, cutAt, options);
    options.hear?.(played.result);
    return played;
  };
  try {
    const { points, result } = await play(0);
    const unseen = Object.entries(result.changes).filter(([, count]) => count !== 1);
    if (options.phase === 'run' && unseen.length > 0)
      throw new Error(
        `an undisturbed run of ${story.flow} should show each change once: ${JSON.stringify(unseen)}`,
      );
    const cases = [result];
    const first = Math.min(options.every, Math.ceil(points / 2));
    for (let cutAt = first; cutAt <= points; cutAt += options.every) cases.push((await play(cutAt)).result);
    return { cases, points };
  } finally {
    await stage.close();
  }
}

async function oneCase(
  story: Story,
  stage: Stage,
  tag: string,
  cutAt: number,
  { how, phase, elasticsearch }: CrashOptions,
): Promise<{ points: number; result: CrashCase }> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-crash-'));
  const scene = await stage.scene(tag);
  try {
    const before = await scene.state();
    const place: StorePlace =
      elasticsearch === undefined
        ? { kind: 'embedded', file: join(folder, 'store.db') }
        : { kind: 'elasticsearch', ...elasticsearch };
    const life: LifeOptions = {
      place,
      flow: story.flow,
      targets: stage.targets,
      flowsFolder: join(root, 'playbooks/flows'),
      policiesFolder: stage.policiesFolder ?? join(root, 'policies'),
      input: scene.input,
      ...(scene.incident === undefined ? {} : { incident: scene.incident }),
      wellEnough: stage.wellEnough ?? {},
      requester: tag,
      phase,
      cutAt,
      how,
      points: join(folder, 'points'),
    };
    if (cutAt === 0) await live(life);
    else await (how === 'kill' ? killed(life) : slept(life));
    const points = readFileSync(life.points, 'utf8').trimEnd().split('\n');
    const { lost, doubled, starts, state } = await judge(place, tag);
    const changes = phase === 'run' ? await scene.changes((action) => starts.get(action) ?? 0) : {};
    const left = phase === 'run' ? await scene.left() : notBack(before, await scene.state(), state);
    const twice = Object.values(changes).filter((count) => count > 1).length;
    // Targets are not alike at each play: the first one may have had a call more to make.
    const point = cutAt === 0 ? '' : (points[cutAt - 1] ?? `behind the ${points.length} points of this play`);
    return {
      points: points.length,
      result: { cutAt, point, changes, lost, doubled: doubled + twice, left },
    };
  } finally {
    await scene.close?.();
    rmSync(folder, { recursive: true });
  }
}

/** What undoing the run should have given back. */
function notBack(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  state: string | undefined,
): string[] {
  const others = Object.keys(before).filter((what) => !isDeepStrictEqual(before[what], after[what]));
  return [
    ...others.map(
      (what) => `${what} was ${JSON.stringify(before[what])} and is ${JSON.stringify(after[what])}`,
    ),
    ...(state === 'undone' ? [] : [`the run is ${state}`]),
  ];
}

/** Dies at the point, unless its play is over before; another process, which is this one, goes on. */
async function killed(life: LifeOptions): Promise<void> {
  const ended = await born(life).ended;
  const points = pointsOf(life);
  if (!isOver(life, ended, points) && (ended !== 'SIGKILL' || points !== life.cutAt))
    throw new Error(`should have died at point ${life.cutAt}; it ended with ${ended} after ${points}`);
  await goesOn(life);
}

/**
 * Sleeps at the point for longer than a lease. Where two processes can share the store the other one does all of it
 * meanwhile; on the embedded store it can only go on when the sleeper has woken and ended.
 */
async function slept(life: LifeOptions): Promise<void> {
  const sleeper = born(life);
  if (await isStopped(sleeper)) {
    // Clocks are moved here instead of waiting for the lease to end; what was sent before it fell asleep has long arrived by then.
    await sleep(ARRIVED_MS);
    if (life.place.kind === 'elasticsearch') await goesOn(life);
    process.kill(sleeper.pid, 'SIGCONT');
  }
  const ended = await sleeper.ended;
  const points = pointsOf(life);
  const isSlept = points >= life.cutAt && ['0', String(REFUSED)].includes(ended);
  if (!isSlept && !isOver(life, ended, points))
    throw new Error(`should have slept at point ${life.cutAt}; it ended with ${ended} after ${points}`);
  await goesOn(life);
}

/** One call of a target lies between two points. */
const ONE_CALL = 2;

/** It went to its end before the point, in a play that had one call less to make than the first one. */
const isOver = ({ cutAt }: LifeOptions, ended: string, points: number): boolean =>
  ended === '0' && points < cutAt && points >= cutAt - ONE_CALL;

const pointsOf = ({ points }: LifeOptions): number =>
  existsSync(points) ? readFileSync(points, 'utf8').trimEnd().split('\n').length : 0;

const goesOn = (life: LifeOptions): Promise<void> => live({ ...life, cutAt: 0 });

const born = (life: LifeOptions) => spawned(child, life);

/** The kernel's own word for it; a stopped process cannot tell. False: it ended instead. */
async function isStopped({ pid, ended }: ReturnType<typeof born>): Promise<boolean> {
  const over = ended.then(() => true);
  for (;;) {
    if (stateOf(pid) === 'T') return true;
    if (await Promise.race([over, sleep(5, false)])) return false;
  }
}

function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return undefined; // it has ended
  }
}
