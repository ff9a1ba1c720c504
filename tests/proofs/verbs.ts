/** Calls the four verbs of one action on the real targets of the test bed, and fails the calls that a real one would not. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type {
  AccessDoor,
  Action,
  EventsDoor,
  EvidenceDoor,
  KeptFile,
  Planned,
  Proof,
} from '../../playbooks/action.ts';
import { contextOf, type Drivers } from '../../playbooks/engine/engine.ts';
import { checkInput } from '../../playbooks/engine/input.ts';
import { loadPolicies } from '../../playbooks/index.ts';
import type { ChangeCalls } from '../../targets/calls.ts';
import type { TargetsSettings } from '../../targets/settings.ts';

export interface Verbs {
  /** Every call that changed something, in order. */
  readonly calls: string[];
  /** Evidence that it kept. */
  readonly files: readonly KeptFile[];
  plan(input: Readonly<Record<string, unknown>>): Promise<Planned<unknown>>;
  act(): Promise<unknown>;
  verify(): Promise<Proof>;
  undo(): Promise<Proof>;
  /** The next change gets through, but its answer is lost. */
  loseNextAnswer(): void;
}

interface Bed {
  readonly targets: TargetsSettings;
  /** Where a stand-in answers in the place of a server. */
  readonly drivers?: Drivers;
  readonly events?: EventsDoor;
  readonly access?: AccessDoor;
  /** Those of the product when left out. */
  readonly policiesFolder?: string;
}

export function verbs(action: Action, bed: Bed): Verbs {
  const { targets, drivers, events = noEvents, access = noAccess } = bed;
  const policies = loadPolicies(bed.policiesFolder ?? join(import.meta.dirname, '../../policies'));
  const calls: string[] = [];
  let isLost = false;
  const counting: ChangeCalls = {
    before: (call) => {
      calls.push(call);
    },
    after: () => {
      if (!isLost) return;
      isLost = false;
      throw new Error('the answer was lost');
    },
  };
  const files: KeptFile[] = [];
  const doors = { now: () => Date.now(), evidence: inMemory(files), events, access };
  const engine = { targets, ...(drivers ? { drivers } : {}) };
  const reading = contextOf(engine, policies, doors);
  const changing = contextOf(engine, policies, doors, counting);
  let step: { input: unknown; plan: Planned<unknown>['plan']; before: unknown; receipt?: unknown };
  return {
    calls,
    files,
    async plan(given) {
      const input = checkInput(action.id, action.input, given);
      const planned = await action.plan(input, reading);
      // As the journal would keep it.
      step = JSON.parse(JSON.stringify({ input, plan: planned.plan, before: planned.before })) as typeof step;
      return planned;
    },
    async act() {
      const receipt = await action.act(step, changing);
      step = { ...step, receipt };
      return receipt;
    },
    verify: () => action.verify(step, reading),
    async undo() {
      if (typeof action.undo === 'string') throw new Error(`${action.id} cannot be undone: ${action.undo}`);
      return await action.undo(step, changing);
    },
    loseNextAnswer() {
      isLost = true;
    },
  };
}

const never = async (): Promise<never> => {
  throw new Error('this bed gives no access');
};
const noAccess: AccessDoor = { open: async () => [], get: never, end: never, standing: never };

const noEvents: EventsDoor = { of: () => (async function* () {})() };

const inMemory = (files: KeptFile[]): EvidenceDoor => ({
  async keep(name, content) {
    files.push({ name, content });
    return createHash('sha256').update(content).digest('hex');
  },
  list: async () => files,
});
