/** What a person is asked to do or to confirm, as a plan like any other: the approver sees it before anybody is asked. */
import type { Planned, Subject } from './action.ts';
import { system } from './inputs.ts';

export interface TaskInput {
  readonly system: string;
  /** Whom or what it is about, as the person finds it there. */
  readonly subject: string;
  readonly task: string;
  readonly evidence: string;
  readonly undo: string;
  /** People who may not answer, because it is about what they did. */
  readonly except: readonly string[];
}

const sentence = { type: 'string', minLength: 1, maxLength: 2_000 } as const;

export const taskInput = {
  type: 'object',
  required: ['system', 'subject', 'task', 'evidence'],
  additionalProperties: false,
  properties: {
    except: {
      type: 'array',
      maxItems: 20,
      default: [],
      items: { type: 'string', maxLength: 256 },
      description: 'People who may not answer, because it is about what they did.',
    },
    system: { ...system('by hand'), description: 'Where it is done: vCenter, the switch, NetBackup …' },
    subject: {
      ...sentence,
      maxLength: 256,
      description: 'Whom or what it is about, by the name it has there.',
    },
    task: { ...sentence, description: 'What to do, in a sentence that needs no other document.' },
    evidence: { ...sentence, description: 'What the person brings to show it: an export, a screen, a log.' },
    undo: {
      ...sentence,
      default: 'by hand, by whoever owns the system',
      description: 'How it is taken back.',
    },
  },
} as const;

export async function taskPlan(input: TaskInput): Promise<Planned<null>> {
  const { system: where, subject, task, evidence, undo } = input;
  return {
    plan: {
      targets: [{ system: where, identity: subject, name: subject }],
      changes: [`a person: ${task}`],
      stays: ['Vigia changes nothing there itself, and cannot look whether it was done'],
      undo,
      proof: `what the person brings: ${evidence}`,
      bounds: {},
      observed: {},
    },
    subjects: [subjectOf(where, subject)],
    before: null,
  };
}

/** Protected assets are refused for people as well: the list is about what is touched, not about who touches it. */
const subjectOf = (where: string, subject: string): Subject => ({
  system: where,
  kind: 'named-asset',
  names: [subject],
});
