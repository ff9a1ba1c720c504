/** Every key of the console, as data: help, hints and the dispatcher read the same rows. */

import type { Role } from '../../../core/documents.ts';
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import type { Shown } from '../../../core/visible.ts';
import * as access from '../actions/access.ts';
import * as decide from '../actions/decide.ts';
import * as incident from '../actions/incident.ts';
import * as navigate from '../actions/navigate.ts';
import * as patching from '../actions/patching.ts';
import { ANALYSTS, APPROVERS, EVERYBODY, PLANNERS, RESPONDERS, whyNot } from '../actions/rights.ts';
import * as run from '../actions/run.ts';
import * as view from '../actions/view.ts';
import type { Console } from '../store/console.ts';
import type { ScreenName } from '../store/state.ts';

export type Where = ScreenName | 'run' | 'one-access' | 'everywhere';

export interface Binding {
  keys: readonly string[];
  /** As help and hints write it; the first key when left out. */
  cap?: string;
  label: MessageKey;
  where: readonly Where[];
  /** Place in the hint line, best first; left out = only in help. */
  hint?: number;
  /** Changes something on the server, and needs one of these roles. */
  roles?: readonly Role[];
  why?(c: Console): Shown | undefined;
  act(c: Console, key: string): void;
}

const RECORDS = ['queue', 'incident'] as const;
const ACCESS = ['access', 'one-access'] as const;

const waitingRun = (c: Console): Shown | undefined => {
  const state = decide.selectedRun(c)?.state;
  return state === undefined
    ? c.say('why.nothing')
    : state === 'waiting'
      ? undefined
      : c.say('approve.over', { state: c.say(`run.${state}`) });
};
const stoppedRun = (c: Console): Shown | undefined => {
  const state = decide.selectedRun(c)?.state;
  return state === 'failed' || state === 'not-proven' || state === 'running'
    ? undefined
    : c.say('why.not-stopped');
};
const doneRun = (c: Console): Shown | undefined => {
  const state = decide.selectedRun(c)?.state;
  return state === 'done' || state === 'not-proven' || state === 'failed' ? undefined : c.say('why.not-done');
};

export const BINDINGS: readonly Binding[] = [
  {
    keys: ['a'],
    label: 'key.acknowledge',
    where: RECORDS,
    hint: 2,
    roles: ANALYSTS,
    act: incident.acknowledge,
  },
  { keys: ['A'], label: 'key.assign', where: RECORDS, hint: 3, roles: ANALYSTS, act: incident.assign },
  { keys: ['n'], label: 'key.note', where: RECORDS, hint: 6, roles: ANALYSTS, act: incident.note },
  { keys: ['s'], label: 'key.severity', where: RECORDS, hint: 8, roles: ANALYSTS, act: incident.severity },
  { keys: ['c'], label: 'key.close', where: RECORDS, hint: 4, roles: ANALYSTS, act: incident.close },
  { keys: ['R'], label: 'key.reopen', where: RECORDS, roles: ANALYSTS, act: incident.reopen },
  { keys: ['K'], label: 'key.significance', where: RECORDS, roles: ANALYSTS, act: incident.significance },
  { keys: ['p'], label: 'key.playbook', where: RECORDS, hint: 5, roles: PLANNERS, act: run.choosePlaybook },

  {
    keys: ['enter'],
    cap: '↵',
    label: 'key.open',
    where: ['queue', 'runs', 'access'],
    hint: 1,
    act: navigate.open,
  },
  { keys: ['enter'], cap: '↵', label: 'key.last-run', where: ['patching'], hint: 1, act: patching.openWave },
  { keys: ['enter'], cap: '↵', label: 'key.expand', where: ['incident'], act: navigate.open },
  {
    keys: [']', 'l', 'right'],
    cap: ']',
    label: 'key.next-tab',
    where: ['incident'],
    act: (c) => navigate.tab(c, 1),
  },
  {
    keys: ['[', 'h', 'left'],
    cap: '[',
    label: 'key.previous-tab',
    where: ['incident'],
    act: (c) => navigate.tab(c, -1),
  },

  { keys: ['space'], label: 'key.mark', where: ['queue'], hint: 9, act: view.mark },
  { keys: ['*'], label: 'key.mark-all', where: ['queue'], act: view.markAll },
  { keys: ['u'], label: 'key.unmark', where: ['queue'], act: view.unmark },
  { keys: ['O'], label: 'key.sort', where: ['queue'], act: view.sort },
  { keys: ['f'], label: 'key.follow', where: ['queue'], act: view.follow },
  { keys: ['/'], label: 'key.filter', where: ['queue'], hint: 7, act: view.filter },

  { keys: ['d'], label: 'key.decide', where: ['run', 'runs'], hint: 2, why: waitingRun, act: decide.decide },
  { keys: ['d'], label: 'key.dead-letters', where: ['health'], hint: 2, act: view.deadLetters },
  {
    keys: ['B'],
    label: 'key.break-glass',
    where: ['run'],
    roles: APPROVERS,
    why: waitingRun,
    act: (c) => decide.reasoned(c, 'break-glass'),
  },
  {
    keys: ['w'],
    label: 'key.resume',
    where: ['run'],
    hint: 3,
    roles: RESPONDERS,
    why: stoppedRun,
    act: (c) => decide.reasoned(c, 'resume'),
  },
  {
    keys: ['S'],
    label: 'key.skip',
    where: ['run'],
    hint: 4,
    roles: RESPONDERS,
    why: stoppedRun,
    act: (c) => decide.reasoned(c, 'skip'),
  },
  {
    keys: ['X'],
    label: 'key.abandon',
    where: ['run'],
    hint: 5,
    roles: RESPONDERS,
    why: stoppedRun,
    act: (c) => decide.reasoned(c, 'abandon'),
  },
  {
    keys: ['Z'],
    label: 'key.undo-run',
    where: ['run'],
    hint: 6,
    roles: APPROVERS,
    why: doneRun,
    act: (c) => decide.reasoned(c, 'undo'),
  },

  { keys: ['n'], label: 'key.request', where: ['access'], hint: 2, roles: EVERYBODY, act: access.request },
  {
    keys: ['d'],
    label: 'key.decide',
    where: ACCESS,
    hint: 3,
    roles: EVERYBODY,
    why: access.whyNotDecide,
    act: access.approve,
  },
  {
    keys: ['X'],
    label: 'key.refuse',
    where: ACCESS,
    hint: 4,
    roles: EVERYBODY,
    why: access.whyNotDecide,
    act: (c) => access.reasoned(c, 'refuse'),
  },
  {
    keys: ['E'],
    label: 'key.end',
    where: ACCESS,
    hint: 5,
    roles: EVERYBODY,
    why: access.unlessIn('waiting', 'approved', 'active'),
    act: (c) => access.reasoned(c, 'end'),
  },
  {
    keys: ['v'],
    label: 'key.review',
    where: ACCESS,
    hint: 6,
    roles: EVERYBODY,
    why: access.whyNotReview,
    act: access.review,
  },
  {
    keys: ['p'],
    label: 'key.plan-wave',
    where: ['patching'],
    hint: 2,
    roles: PLANNERS,
    act: patching.planWave,
  },

  {
    keys: ['j', 'down'],
    cap: 'j ↓',
    label: 'key.down',
    where: ['everywhere'],
    act: (c) => navigate.move(c, 1),
  },
  { keys: ['k', 'up'], cap: 'k ↑', label: 'key.up', where: ['everywhere'], act: (c) => navigate.move(c, -1) },
  {
    keys: ['ctrl-d'],
    cap: 'Ctrl+D',
    label: 'key.half-down',
    where: ['everywhere'],
    act: (c) => navigate.page(c, 0.5),
  },
  {
    keys: ['ctrl-u'],
    cap: 'Ctrl+U',
    label: 'key.half-up',
    where: ['everywhere'],
    act: (c) => navigate.page(c, -0.5),
  },
  {
    keys: ['pgdn'],
    cap: 'PgDn',
    label: 'key.page-down',
    where: ['everywhere'],
    act: (c) => navigate.page(c, 1),
  },
  {
    keys: ['pgup'],
    cap: 'PgUp',
    label: 'key.page-up',
    where: ['everywhere'],
    act: (c) => navigate.page(c, -1),
  },
  {
    keys: ['g', 'home'],
    cap: 'g',
    label: 'key.top',
    where: ['everywhere'],
    act: (c) => navigate.edge(c, 'top'),
  },
  {
    keys: ['G', 'end'],
    cap: 'G',
    label: 'key.bottom',
    where: ['everywhere'],
    act: (c) => navigate.edge(c, 'bottom'),
  },
  {
    keys: ['esc'],
    cap: 'esc',
    label: 'key.back',
    where: ['everywhere'],
    hint: 90,
    act: (c) => navigate.back(c, 'esc'),
  },
  { keys: ['q'], label: 'key.quit', where: ['everywhere'], act: (c) => navigate.back(c, 'q') },
  { keys: ['1'], label: 'screen.queue', where: ['everywhere'], act: (c) => navigate.show(c, 'queue') },
  { keys: ['2'], label: 'screen.incident', where: ['everywhere'], act: (c) => navigate.show(c, 'incident') },
  { keys: ['4'], label: 'screen.runs', where: ['everywhere'], act: (c) => navigate.show(c, 'runs') },
  { keys: ['5'], label: 'screen.health', where: ['everywhere'], act: (c) => navigate.show(c, 'health') },
  { keys: ['6'], label: 'screen.access', where: ['everywhere'], act: (c) => navigate.show(c, 'access') },
  { keys: ['7'], label: 'screen.patching', where: ['everywhere'], act: (c) => navigate.show(c, 'patching') },
  { keys: ['-'], label: 'key.previous', where: ['everywhere'], act: navigate.previous },
  { keys: [':'], label: 'key.command', where: ['everywhere'], hint: 91, act: view.command },
  { keys: ['?'], label: 'key.help', where: ['everywhere'], hint: 0, act: view.help },
  { keys: ['!'], label: 'key.messages', where: ['everywhere'], act: view.log },
  { keys: ['r'], label: 'key.refresh', where: ['everywhere'], act: view.refresh },
  { keys: ['T'], label: 'key.times', where: ['everywhere'], act: view.times },
  { keys: ['ctrl-l'], cap: 'Ctrl+L', label: 'key.repaint', where: ['everywhere'], act: (c) => c.repaint() },
  { keys: ['ctrl-z'], cap: 'Ctrl+Z', label: 'key.suspend', where: ['everywhere'], act: (c) => c.suspend() },
  { keys: ['ctrl-c'], cap: 'Ctrl+C', label: 'key.interrupt', where: ['everywhere'], act: interrupt },
];

/** Twice within two seconds ends the program. */
const TWICE_MS = 2_000;
let interruptedAt = Number.NEGATIVE_INFINITY;
function interrupt(c: Console) {
  if (c.now() - interruptedAt <= TWICE_MS) return c.quit();
  interruptedAt = c.now();
  c.tell('info', c.say('quit.again'));
}

export const whereOf = ({ state: { screen, run, access: one } }: Console): Where => {
  if (screen === 'runs' && run.id !== undefined) return 'run';
  return screen === 'access' && one.id !== undefined ? 'one-access' : screen;
};

/** Bindings of the screen in front first, then those of everywhere; one row per key. */
export function bindingsOf(where: Where): Binding[] {
  return [
    ...BINDINGS.filter((one) => one.where.includes(where)),
    ...BINDINGS.filter((one) => one.where.includes('everywhere')),
  ];
}

export const capOf = (binding: Binding): string => binding.cap ?? binding.keys[0]!;

/** Why a key does nothing now. */
export const disabled = (c: Console, binding: Binding): Shown | undefined =>
  (binding.roles && whyNot(c, binding.roles)) ?? binding.why?.(c);
