/** Keeps patch tasks and incidents in step: an incident makes the task urgent, an open task makes the incident severe. */
import { equals, not } from '../core/conditions/tree.ts';
import type { Advisory, Documents, PatchTask } from '../core/documents.ts';
import { isConflict } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
import type { Incidents } from '../incidents/index.ts';
import {
  changedTasks,
  joinedAdvisory,
  loadPolicies,
  raisesOf,
  readAdvisories,
  URGENCY,
} from '../playbooks/index.ts';

export interface PatchTasks {
  /** The most urgent first. */
  list(state?: PatchTask['state']): Promise<PatchTask[]>;
  /** Works out all tasks again and writes what changed; safe to repeat. */
  settle(): Promise<void>;
  /** Takes in a file of advisories. */
  learn(text: string, path: string): Promise<{ read: number; skipped: number }>;
}

interface Options {
  readonly store: Pick<Store, 'documents'>;
  readonly incidents: Pick<Incidents, 'change'>;
  readonly policiesFolder: string;
  readonly now: () => number;
}

const BY = 'vigia';

export function patchTasks({ store, incidents, policiesFolder, now }: Options): PatchTasks {
  const { documents } = store;

  async function all<K extends 'patch-host' | 'patch-task' | 'advisory' | 'incident'>(
    kind: K,
    where?: Parameters<typeof not>[0],
  ) {
    const bodies: Documents[K][] = [];
    let after: string | undefined;
    do {
      const page = await documents.find(kind, {
        ...(where ? { where } : {}),
        ...(after === undefined ? {} : { after }),
      });
      bodies.push(...page.found.map(({ body }) => body));
      after = page.next;
    } while (after !== undefined);
    return bodies;
  }

  /** Somebody who wrote at the same time works with the same facts: the next round settles what is left. */
  async function put<K extends 'patch-task' | 'advisory'>(
    kind: K,
    id: string,
    change: (before: Documents[K] | undefined) => Documents[K],
  ): Promise<void> {
    const stored = await documents.get(kind, id);
    try {
      if (stored === undefined) await documents.create(kind, id, change(undefined));
      else await documents.update(kind, id, change(stored.body), stored.version);
    } catch (cause) {
      if (!isConflict(cause)) throw cause;
    }
  }

  return {
    async list(state) {
      const tasks = await all('patch-task', state === undefined ? undefined : equals('state', state));
      const urgency = ({ priority }: PatchTask) => URGENCY.indexOf(priority);
      return tasks.sort((a, b) => urgency(a) - urgency(b) || (a.id < b.id ? -1 : 1));
    },
    async settle() {
      const { patching: policy } = loadPolicies(policiesFolder);
      const hosts = await all('patch-host');
      if (hosts.length === 0) return;
      const [advisories, before, open] = [
        await all('advisory'),
        await all('patch-task'),
        await all('incident', not(equals('state', 'closed'))),
      ];
      const changed = changedTasks({ hosts, advisories, incidents: open, policy, now: now() }, before);
      for (const task of changed) await put('patch-task', task.id, () => task);
      const tasks = [...new Map([...before, ...changed].map((task) => [task.id, task])).values()];
      for (const { incident, severity, reason } of raisesOf(open, tasks, advisories, policy)) {
        if (severity !== undefined)
          await incidents.change(incident.id, { kind: 'severity', severity, reason }, { by: BY });
        if (!incident.notes.some(({ by, text }) => by === BY && text === reason))
          await incidents.change(incident.id, { kind: 'note', text: reason }, { by: BY });
      }
    },
    async learn(text, path) {
      const { advisories, skipped } = readAdvisories(text, path);
      // Of one file: two records may be about the same vulnerability.
      const byId = new Map<string, Advisory>();
      for (const advisory of advisories)
        byId.set(advisory.id, joinedAdvisory(byId.get(advisory.id), advisory));
      for (const [id, advisory] of byId)
        await put('advisory', id, (before) => joinedAdvisory(before, advisory));
      return { read: byId.size, skipped };
    },
  };
}
