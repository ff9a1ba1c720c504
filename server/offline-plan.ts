/** A plan without service and store, for the hour in which Vigia's own store is down: reads targets, keeps nothing. */
import { errors } from '../core/errors.ts';
import { inventoryFile } from '../core/inventory.ts';
import { type Flow, type PlannedFlow, playbooks } from '../playbooks/index.ts';
import { type Settings, shipped } from './settings.ts';

export interface OfflinePlanner {
  flows(): Flow[];
  plan(flow: string, input: Readonly<Record<string, unknown>>): Promise<PlannedFlow>;
}

/** What the store alone knows is unknown here: who approves by a token. The page that is printed says so. */
export function offlinePlanner(settings: Settings): OfflinePlanner {
  const down = (): never => {
    throw errors.refused('a plan without the store can be printed, and nothing else');
  };
  const nothing = new Proxy({}, { get: () => down });
  const engine = playbooks({
    // Only what keeps something asks the store; the one look-up of a plan is answered below.
    store: {
      documents: new Proxy(nothing, {
        get: (_, name) => (name === 'find' ? async () => ({ found: [] }) : down),
      }) as never,
      leases: nothing as never,
      events: nothing as never,
    },
    targets: settings.targets,
    policiesFolder: shipped('policies'),
    flowsFolder: shipped('playbooks', 'flows'),
    ...(settings.inventory ? { inventory: inventoryFile(settings.inventory) } : {}),
  });
  return { flows: engine.flows, plan: (flow, input) => engine.plan(flow, input) };
}
