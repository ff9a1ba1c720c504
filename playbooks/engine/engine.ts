/** What every part of the engine works with: the store, the targets, time, and the points where a crash is proven harmless. */
import type { Incident } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { Store } from '../../core/store.ts';
import { type ChangeCalls, readsOnly } from '../../targets/calls.ts';
import { withDirectory } from '../../targets/directory.ts';
import { handoverOf } from '../../targets/handover.ts';
import { withHttp } from '../../targets/http.ts';
import { mailOf } from '../../targets/mail.ts';
import { withMariadb } from '../../targets/mariadb.ts';
import { type OracleDriver, withOracle } from '../../targets/oracle.ts';
import { withPostgresql } from '../../targets/postgresql.ts';
import { accountOf, type TargetSettings, type TargetsSettings } from '../../targets/settings.ts';
import { type SqlServerDriver, withSqlServer } from '../../targets/sqlserver.ts';
import { withHost } from '../../targets/ssh.ts';
import { webhookOf } from '../../targets/webhook.ts';
import type { AccessDoor, Action, ActionContext } from '../action.ts';
import type { Doors } from './doors.ts';
import type { Flow } from './flow.ts';
import type { SwitchMemory } from './kill-switch.ts';
import type { Policies } from './policies.ts';
import type { Protectors } from './protected.ts';

/** Drivers of databases that cannot run in a test bed; the real ones when left out. */
export interface Drivers {
  readonly oracle?: () => Promise<OracleDriver>;
  readonly sqlserver?: () => Promise<SqlServerDriver>;
}

/** What another part of Vigia does with privileged access. */
export interface Privileges {
  end(id: string, reason: string): Promise<unknown>;
  standing: AccessDoor['standing'];
}

export interface Engine {
  readonly store: Pick<Store, 'documents' | 'leases' | 'events'>;
  readonly targets: TargetsSettings;
  readonly drivers?: Drivers;
  readonly actions: readonly Action[];
  /** Absent where no part of Vigia gives access. */
  readonly privileges?: Privileges;
  /** Read anew each time, so that a run meets the flow and the policy as they are now. */
  flows(): ReadonlyMap<string, Flow>;
  policies(): Policies;
  /** What there is and what needs it, as the file says now. */
  inventory(): Inventory;
  /** Names and addresses of the machines of Vigia's own store. */
  readonly ownHosts: readonly string[];
  /** Names of the people who may approve. */
  approvers(): Promise<readonly string[]>;
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Never goes back: leases are judged by it. */
  monotonic(): number;
  /** How long a lease lasts without a renewal. */
  readonly leaseMs: number;
  /** The timer behind time limits; the platform's when left out. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  newId(): string;
  /** Last number that this process knows of in the journal of each run it works on: where to look for a free one. */
  readonly journalled: Map<string, number>;
  /** What this process knows of the kill switch. */
  readonly memory: SwitchMemory;
  /** This process, as the holder of leases. */
  readonly owner: string;
  /** Called before and after every journal write and every call that changes a target. */
  cut(point: string): Promise<void> | void;
  /** Throws when the process no longer holds the run it works on; absent where no run is held. */
  readonly fence?: () => Promise<void>;
}

export type IncidentRef = Pick<Incident, 'id' | 'number' | 'title' | 'severity'>;

/** One durable write, between two points where the process may die; none by a process that slept through its lease. */
export async function write<T>(
  engine: Pick<Engine, 'cut' | 'fence'>,
  point: string,
  run: () => Promise<T>,
): Promise<T> {
  await engine.cut(`before ${point}`);
  await engine.fence?.();
  const result = await run();
  await engine.cut(`after ${point}`);
  return result;
}

export function findAction(engine: Engine, id: string): Action {
  const found = engine.actions.find((action) => action.id === id);
  if (found === undefined) throw errors.notFound('action', id);
  return found;
}

/** Targets for one call of an action. Without `calls` it can only read. */
export function contextOf(
  engine: Pick<Engine, 'targets' | 'drivers'>,
  policies: Policies,
  doors: Doors,
  calls: ChangeCalls = readsOnly,
): ActionContext {
  return {
    ...doors,
    kindOf: (system) => (Object.hasOwn(engine.targets, system) ? engine.targets[system]?.kind : undefined),
    privilegedGroups: policies.privilegedGroups,
    patching: policies.patching,
    onCall: policies.onCall,
    calls,
    directory: (system, use) =>
      withDirectory(system, target(engine, system, 'directory', 'directory-rehearsal'), calls, use),
    postgresql: (system, use) => withPostgresql(system, target(engine, system, 'postgresql'), calls, use),
    mariadb: (system, use) => withMariadb(system, target(engine, system, 'mariadb'), calls, use),
    oracle: (system, use) =>
      withOracle(system, target(engine, system, 'oracle'), calls, use, engine.drivers?.oracle),
    sqlserver: (system, use) =>
      withSqlServer(system, target(engine, system, 'sqlserver'), calls, use, engine.drivers?.sqlserver),
    handover: (system) =>
      handoverOf(
        system,
        target(
          engine,
          system,
          'directory',
          'directory-rehearsal',
          'postgresql',
          'mariadb',
          'oracle',
          'sqlserver',
        ),
        calls,
      ),
    http: (system, use) => withHttp(system, target(engine, system, 'http'), calls, use),
    mail: (system) => mailOf(system, target(engine, system, 'mail'), calls),
    webhook: (system) => webhookOf(system, target(engine, system, 'webhook'), calls),
    host: (system, use) => withHost(system, target(engine, system, 'ssh'), calls, use),
  };
}

function target<K extends TargetSettings['kind']>(
  engine: Pick<Engine, 'targets'>,
  system: string,
  ...kinds: [K, ...K[]]
): Extract<TargetSettings, { kind: K }> {
  const isOne = (one: TargetSettings | undefined): one is Extract<TargetSettings, { kind: K }> =>
    one !== undefined && kinds.some((kind) => kind === one.kind);
  const settings = Object.hasOwn(engine.targets, system) ? engine.targets[system] : undefined;
  if (isOne(settings)) return settings;
  const known = Object.keys(engine.targets).filter((name) => isOne(engine.targets[name]));
  throw errors.usage(
    `there is no ${kinds[0]} target called ${JSON.stringify(system)}`,
    known.length > 0
      ? `the settings name: ${known.join(', ')}`
      : `add one to the settings under "targets" with kind: ${kinds[0]}`,
  );
}

export async function protectorsOf(engine: Engine, policies: Policies): Promise<Protectors> {
  const own = Object.entries(engine.targets).flatMap(([name, settings]) =>
    settings.kind === 'directory-rehearsal' ? [] : [[name, accountOf(settings)]],
  );
  const named = policies.approvals.flatMap((rule) => rule.of ?? []);
  return {
    ownAccounts: Object.fromEntries(own),
    ownHosts: engine.ownHosts,
    approvers: [...(await engine.approvers()), ...named],
    inventory: engine.inventory(),
  };
}
