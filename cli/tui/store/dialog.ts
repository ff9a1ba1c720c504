/** What stands in front of a screen: forms, choices, plans, approvals, help. One at a time. */
import type { Run } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import type { Flow } from '../../../playbooks/engine/flow.ts';
import type { PlannedFlow } from '../../../playbooks/engine/planner.ts';
import type { Field } from './field.ts';

export interface FormField {
  name: string;
  label: Shown;
  /** Values to choose from with the arrow keys; without them the field takes text. */
  options?: readonly { value: string; label: Shown }[];
  field: Field;
  required: boolean;
  /** One line below the field while it is edited. */
  about?: Shown;
}

export interface FormDialog {
  kind: 'form';
  /** Under which an unfinished text is kept. */
  draft: string;
  title: Shown;
  fields: FormField[];
  /** Index of the field that takes keys. */
  focus: number;
  problem?: Shown;
  busy: boolean;
  submit(values: Readonly<Record<string, string>>): Promise<void>;
}

export interface ChooseDialog {
  kind: 'choose';
  title: Shown;
  options: readonly { id: string; label: Shown; about: Shown; disabled?: Shown }[];
  selected: number;
  choose(id: string): void;
}

/** A plan that nobody has asked for yet. */
export interface PlanDialog {
  kind: 'plan';
  flow: Flow;
  plan: PlannedFlow;
  incident?: { id: string; number: string };
  top: number;
  openedAt: number;
  busy: boolean;
}

/** The decision about a waiting run. */
export interface ApproveDialog {
  kind: 'approve';
  /** The run as it was when the dialog opened: what a changed plan is compared with. */
  opened: Run;
  run: Run;
  typed: Field;
  top: number;
  openedAt: number;
  busy: boolean;
  problem?: Shown;
}

export interface ConfirmDialog {
  kind: 'confirm';
  text: Shown;
  openedAt: number;
  yes(): void;
}

export interface PageDialog {
  kind: 'help' | 'messages' | 'dead-letters';
  top: number;
  search?: Field;
}

/** One event with every field that it has. */
export interface EventDialog {
  kind: 'event';
  top: number;
  fields: readonly (readonly [string, string])[];
}

export type Dialog =
  | FormDialog
  | ChooseDialog
  | PlanDialog
  | ApproveDialog
  | ConfirmDialog
  | PageDialog
  | EventDialog;

/** Keys of a reflex: a dialog that decides something hears nothing in its first moments. */
export const DEAF_MS = 300;

/** What has to be typed to approve: the name of the only target, or how many there are. */
export function wordOf(steps: Run['steps']): string {
  const targets = new Map(
    steps
      .flatMap(({ plan }) => plan.targets)
      .map((target) => [`${target.system}\n${target.identity}`, target.name]),
  );
  const [only] = targets.values();
  return targets.size === 1 && only ? only : String(targets.size);
}
