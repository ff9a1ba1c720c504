/** Everything the console knows and shows: plain data, by id, no React. */

import type {
  Access,
  Alert,
  DeadLetter,
  Incident,
  JournalEntry,
  Role,
  Run,
} from '../../../core/documents.ts';
import type { Lang } from '../../../core/i18n/catalogue.ts';
import type { LedgerLine } from '../../../core/store.ts';
import type { Shown } from '../../../core/visible.ts';
import type { Clock } from '../../../incidents/clocks.ts';
import type { Timeline } from '../../../incidents/timeline.ts';
import type { Flow } from '../../../playbooks/engine/flow.ts';
import type { PlannedFlow } from '../../../playbooks/engine/planner.ts';
import type { Dialog } from './dialog.ts';
import type { Field } from './field.ts';
import { emptyQueue, type Queue } from './queue.ts';

/** An incident as the list gives it. */
export type IncidentRow = Incident & { version: string };

export interface IncidentAnswer {
  incident: Incident;
  version: string;
  alerts: Alert[];
  merged: Incident[];
  timeline: Timeline;
  runs: Run[];
  clocks: Clock[];
}

export interface RunAnswer {
  run: Run;
  journal: JournalEntry[];
}

export interface AccessAnswer {
  access: Access;
  journal: JournalEntry[];
}

/** A wave as the policy has it. */
export interface WaveRow {
  id: string;
  title: string;
  canary: string;
  hosts: readonly string[];
  window: string;
}

export interface PatchingAnswer {
  waves: readonly WaveRow[];
  /** As last looked at; without `at` never. */
  hosts: {
    host: string;
    at?: string;
    behind?: number;
    stale?: number;
    reboot?: boolean;
    failure?: { at: string; message: string };
  }[];
  /** Of waves. */
  runs: Run[];
  /** Open tasks that are more than routine. */
  urgent: number;
}

export interface HealthAnswer {
  store: { kind: string; state: string; detail: string; events: number; bytes: number };
  rules: { loaded: number; refused: number; refusals?: readonly string[] };
  sources: { id: string; collector: string; lastAt?: string; generation?: number }[];
  deadLetters: number;
  ledger: LedgerLine[];
}

export interface DeadLettersAnswer {
  deadLetters: DeadLetter[];
  counts: { source: string | null; reason: string | null; count: number }[];
  total: number;
}

/** Answers of the API with their age. */
export interface Loaded<T> {
  value?: T;
  at?: number;
  error?: Shown;
}

/** Where a hand stands in a list: by id, never by row number; `top` is the first row on the screen. */
export interface Place {
  selected?: string;
  top: number;
}

export const SCREENS = ['queue', 'incident', 'runs', 'health', 'access', 'patching'] as const;
export type ScreenName = (typeof SCREENS)[number];
export const TABS = ['summary', 'timeline', 'alerts', 'runs', 'notes', 'history'] as const;
export type Tab = (typeof TABS)[number];

export interface Message {
  at: number;
  kind: 'done' | 'problem' | 'info';
  text: Shown;
}

export interface State {
  now: number;
  size: { columns: number; rows: number };
  lang: Lang;
  ascii: boolean;
  utc: boolean;
  readonly: boolean;
  /** PROD, TEST, DRILL, as the person who started the console says. */
  environment: string;
  /** Address of the API. */
  where: string;
  me: { user: string; roles: readonly Role[] } | undefined;
  connection: { state: 'connecting' | 'live' | 'offline'; okAt?: number; since?: number };
  screen: ScreenName;
  /** Where `-` and `esc` lead. */
  previous: ScreenName;
  queue: Queue;
  incident: Loaded<IncidentAnswer> & { id?: string; tab: Tab; places: Record<Tab, Place> };
  runs: Loaded<Run[]> & { place: Place };
  run: Loaded<RunAnswer> & { id?: string; place: Place };
  accesses: Loaded<Access[]> & { place: Place };
  access: Loaded<AccessAnswer> & { id?: string; place: Place };
  patching: Loaded<PatchingAnswer> & { place: Place };
  health: Loaded<HealthAnswer> & { place: Place; letters: Loaded<DeadLettersAnswer> };
  /** Statutory clocks of significant incidents, by incident id. */
  clocks: Map<string, { number: string; version: string; clocks: readonly Clock[] }>;
  flows: readonly Flow[];
  dialog: Dialog | undefined;
  prompt: { kind: 'filter' | 'command'; field: Field; before: string } | undefined;
  messages: Message[];
  /** Texts of dialogs that were left with `esc`. */
  drafts: Map<string, Readonly<Record<string, string>>>;
  commands: string[];
  /** Writes on their way; the keys that would repeat them wait. */
  pending: number;
  quitAsked: boolean;
}

export type { PlannedFlow };

export const place = (): Place => ({ top: 0 });

export function initialState(
  given: Pick<State, 'now' | 'size' | 'lang' | 'ascii' | 'readonly' | 'environment' | 'where'>,
): State {
  return {
    ...given,
    utc: false,
    me: undefined,
    connection: { state: 'connecting' },
    screen: 'queue',
    previous: 'queue',
    queue: emptyQueue(),
    incident: {
      tab: 'summary',
      places: Object.fromEntries(TABS.map((tab) => [tab, place()])) as Record<Tab, Place>,
    },
    runs: { place: place() },
    run: { place: place() },
    accesses: { place: place() },
    access: { place: place() },
    patching: { place: place() },
    health: { place: place(), letters: {} },
    clocks: new Map(),
    flows: [],
    dialog: undefined,
    prompt: undefined,
    messages: [],
    drafts: new Map(),
    commands: [],
    pending: 0,
    quitAsked: false,
  };
}
