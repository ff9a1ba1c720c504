/** The public door of access: a privilege for a time, asked for, approved, given, used, ended, proven, reviewed. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Access, JournalEntry } from '../core/documents.ts';
import type { Store } from '../core/store.ts';
import type { PrivilegedGroups } from '../targets/directory-groups.ts';
import type { TargetsSettings } from '../targets/settings.ts';
import { advanceAccess, dueAccess } from './advance.ts';
import { readAccess } from './change.ts';
import { approveAccess, type Person, refuseAccess, reviewAccess, takeBackAccess } from './decide.ts';
import { type Engine, readJournal, type Told } from './engine.ts';
import type { Gateway } from './gateway.ts';
import { readAccessPolicy } from './policy.ts';
import type { Provider } from './provider.ts';
import { providers as everyProvider } from './providers/index.ts';
import {
  gatewayOf,
  type RecordingEnd,
  type RecordingStart,
  recordingEnded,
  recordingStarted,
} from './recordings.ts';
import { type Ask, requestAccess } from './request.ts';
import { type StandingReport, standingReport } from './standing.ts';
import { type Use, type UsePage, useOf } from './use.ts';

export type { Person } from './decide.ts';
export type { Told } from './engine.ts';
export { type Gateway, recordedSession } from './gateway.ts';
export { LEASE_MS } from './hold.ts';
export type { Ask } from './request.ts';
export type { Standing, StandingReport } from './standing.ts';
export type { Use } from './use.ts';

export interface AccessOptions {
  readonly store: Pick<Store, 'documents' | 'leases' | 'events'>;
  readonly targets: TargetsSettings;
  /** `policies/access.yml` */
  readonly policyFile: string;
  /** Hears what was given and ended, before it is written down: once at least. */
  readonly tell?: (what: Told) => Promise<void>;
  readonly providers?: readonly Provider[];
  readonly now?: () => number;
  readonly monotonic?: () => number;
  /** Names this process among those that work on access. */
  readonly owner?: string;
  /** For the crash proof: called before and after every write and every call that changes a target. */
  readonly onCut?: (point: string) => Promise<void> | void;
}

export interface AccessDesk {
  /** Reads the target and changes nothing there; waits for approval. */
  request(ask: Ask, by: string): Promise<Access>;
  approve(id: string, person: Person & { planHash: string }): Promise<Access>;
  refuse(id: string, person: Person & { reason: string }): Promise<Access>;
  /** Ends it before its time, or withdraws what was not given yet; `advance` does it. */
  takeBack(id: string, person: Person & { reason: string }): Promise<Access>;
  review(id: string, person: Person & { verdict: 'in-order' | 'misused'; text: string }): Promise<Access>;
  /** Gives what is approved, ends what is over, asks again what was left half-way. Never waits. */
  advance(id: string): Promise<Access>;
  /** Those that `advance` would move. */
  due(): Promise<Access[]>;
  get(id: string): Promise<Access>;
  journal(id: string): Promise<JournalEntry[]>;
  /** Collected events of the account on the target while it had the right. */
  use(id: string, page?: UsePage): Promise<Use>;
  /** Who has what for good, asked of directories and databases now. */
  standing(groups: PrivilegedGroups): Promise<StandingReport>;
  /** Where the holder's recorded sessions lead. */
  gateway(id: string, by: string): Promise<Gateway>;
  recordingStarted(id: string, by: string, start: RecordingStart): Promise<Access>;
  recordingEnded(id: string, by: string, session: string, end: RecordingEnd): Promise<Access>;
}

export function access(options: AccessOptions): AccessDesk {
  const engine: Engine = {
    store: options.store,
    targets: options.targets,
    providers: options.providers ?? everyProvider,
    policyFile: options.policyFile,
    policy: () => readAccessPolicy(options.policyFile),
    tell: options.tell ?? (async () => undefined),
    now: options.now ?? Date.now,
    monotonic: options.monotonic ?? (() => performance.now()),
    owner: options.owner ?? `${hostname()}/${process.pid}/${randomUUID()}`,
    cut: options.onCut ?? (() => undefined),
  };
  return {
    request: (ask, by) => requestAccess(engine, ask, by),
    approve: (id, person) => approveAccess(engine, id, person),
    refuse: (id, person) => refuseAccess(engine, id, person),
    takeBack: (id, person) => takeBackAccess(engine, id, person),
    review: (id, person) => reviewAccess(engine, id, person),
    advance: (id) => advanceAccess(engine, id),
    due: () => dueAccess(engine),
    get: (id) => readAccess(engine, id),
    journal: (id) => readJournal(engine, id),
    standing: (groups) => standingReport(engine, groups),
    gateway: (id, by) => gatewayOf(engine, id, by),
    recordingStarted: (id, by, start) => recordingStarted(engine, id, by, start),
    recordingEnded: (id, by, session, end) => recordingEnded(engine, id, by, session, end),
    use: async (id, page = {}) => useOf(engine, await readAccess(engine, id), page),
  };
}
