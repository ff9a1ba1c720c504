/** What every part of access works with: the store, the targets, the policy, time, and the points where a crash is proven harmless. */

import { equals } from '../core/conditions/tree.ts';
import type { JournalEntry } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { findAll } from '../core/find-all.ts';
import type { Store } from '../core/store.ts';
import { type ChangeCalls, readsOnly } from '../targets/calls.ts';
import { withDirectory } from '../targets/directory.ts';
import { withPostgresql } from '../targets/postgresql.ts';
import { accountOf, type TargetSettings, type TargetsSettings } from '../targets/settings.ts';
import { withHost } from '../targets/ssh.ts';
import type { AccessPolicy } from './policy.ts';
import type { Provider, ProviderContext } from './provider.ts';

/** What others hear of, for the audit trail: once at least. */
export interface Told {
  readonly action: 'access.given' | 'access.not-given' | 'access.ended' | 'access.not-ended';
  readonly id: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Engine {
  readonly store: Pick<Store, 'documents' | 'leases' | 'events'>;
  readonly targets: TargetsSettings;
  readonly providers: readonly Provider[];
  readonly policyFile: string;
  /** Read anew each time, so that a request meets the policy as it is now. */
  policy(): AccessPolicy;
  tell(what: Told): Promise<void>;
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Never goes back: leases are judged by it. */
  monotonic(): number;
  /** This process, as the holder of leases. */
  readonly owner: string;
  /** Called before and after every write and every call that changes a target. */
  cut(point: string): Promise<void> | void;
}

/** One durable write, between two points where the process may die. */
export async function write<T>(engine: Engine, point: string, run: () => Promise<T>): Promise<T> {
  await engine.cut(`before ${point}`);
  const result = await run();
  await engine.cut(`after ${point}`);
  return result;
}

export function targetOf(engine: Pick<Engine, 'targets'>, system: string): TargetSettings {
  const settings = Object.hasOwn(engine.targets, system) ? engine.targets[system] : undefined;
  if (settings !== undefined) return settings;
  const known = Object.keys(engine.targets);
  throw errors.usage(
    `there is no target called ${JSON.stringify(system)}`,
    known.length > 0 ? `the settings name: ${known.join(', ')}` : 'the settings name none under "targets"',
  );
}

export function providerOf(engine: Engine, system: string): Provider {
  const { kind } = targetOf(engine, system);
  const found = engine.providers.find(({ kinds }) => kinds.includes(kind));
  if (found !== undefined) return found;
  throw errors.usage(
    `nothing can be given for a time on ${JSON.stringify(system)}, which is a ${kind}`,
    `it can on: ${engine.providers.flatMap(({ kinds }) => kinds).join(', ')}`,
  );
}

/** Without `calls` it can only read. */
export function contextOf(
  engine: Pick<Engine, 'targets' | 'now'>,
  calls: ChangeCalls = readsOnly,
): ProviderContext {
  const settings = <K extends TargetSettings['kind']>(system: string, ...kinds: K[]) => {
    const one = targetOf(engine, system);
    // A provider asks only for the kinds that it declares.
    if (kinds.some((kind) => kind === one.kind)) return one as Extract<TargetSettings, { kind: K }>;
    throw errors.usage(`the target ${JSON.stringify(system)} is a ${one.kind} now`);
  };
  return {
    directory: (system, use) =>
      withDirectory(system, settings(system, 'directory', 'directory-rehearsal'), calls, use),
    postgresql: (system, use) => withPostgresql(system, settings(system, 'postgresql'), calls, use),
    host: (system, use) => withHost(system, settings(system, 'ssh'), calls, use),
    now: engine.now,
    own(system) {
      const one = targetOf(engine, system);
      return one.kind === 'directory-rehearsal' ? '' : accountOf(one);
    },
  };
}

type Written = Pick<JournalEntry, 'entry' | 'by' | 'data'> & Partial<Pick<JournalEntry, 'step' | 'key'>>;

export const readJournal = async (engine: Engine, id: string): Promise<JournalEntry[]> =>
  (await findAll(engine.store.documents, 'journal', { where: equals('run', id), sort: ['sequence'] })).map(
    ({ body }) => body,
  );

/** Appends under the next free number: somebody else (an approver) may write to the same journal. */
export async function append(engine: Engine, id: string, entry: Written): Promise<void> {
  const { documents } = engine.store;
  const at = new Date(engine.now()).toISOString();
  await write(engine, `journal ${entry.entry}`, async () => {
    const where = equals('run', id);
    const { found } = await documents.find('journal', { where, sort: ['-sequence'], size: 1 });
    let sequence = (found[0]?.body.sequence ?? 0) + 1;
    while (
      (await documents.create('journal', `${id}:${sequence}`, { run: id, sequence, at, ...entry })) ===
      'exists'
    )
      sequence += 1;
  });
}
