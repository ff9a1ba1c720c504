/** Keys of the dialogs. What decides something hears no reflex: not Enter alone, not a paste, not the first moments. */

import { approve, isTyped, reasoned, whyNoApproval } from '../actions/decide.ts';
import { leaveForm, submitForm } from '../actions/form.ts';
import { edge, move, page } from '../actions/navigate.ts';
import { askForRun } from '../actions/run.ts';
import type { Console } from '../store/console.ts';
import {
  type ApproveDialog,
  type ChooseDialog,
  type ConfirmDialog,
  DEAF_MS,
  type Dialog,
  type EventDialog,
  type FormDialog,
  type PageDialog,
  type PlanDialog,
} from '../store/dialog.ts';
import { edit, fieldOf, insert } from '../store/field.ts';

/** What arrived in one read: a hand types a letter at a time, a paste does not. */
export interface Chunk {
  letters: number;
}
/** Over a slow line two or three letters may come together. */
const HAND = 4;

export function dialogKey(c: Console, dialog: Dialog, name: string, text: string | undefined, chunk: Chunk) {
  if (dialog.kind === 'form') form(c, dialog, name, text);
  else if (dialog.kind === 'choose') choose(c, dialog, name);
  else if (dialog.kind === 'plan') plan(c, dialog, name);
  else if (dialog.kind === 'approve') decision(c, dialog, name, text, chunk);
  else if (dialog.kind === 'confirm') confirm(c, dialog, name);
  else reading(c, dialog, name, text);
}

/** A paste into a dialog: true when it took it. */
export function dialogText(c: Console, text: string): boolean {
  const { dialog } = c.state;
  if (dialog?.kind !== 'form') return false;
  const field = dialog.fields[dialog.focus];
  if (!field || field.options) return false;
  put(c, dialog, insert(field.field, text));
  return true;
}

function put(c: Console, dialog: FormDialog, field: FormDialog['fields'][number]['field']) {
  const { problem: _, ...clean } = dialog;
  c.set({
    dialog: {
      ...clean,
      fields: dialog.fields.map((one, at) => (at === dialog.focus ? { ...one, field } : one)),
    },
  });
}

function form(c: Console, dialog: FormDialog, name: string, text: string | undefined) {
  if (dialog.busy) return;
  const focused = dialog.fields[dialog.focus]!;
  const step = (by: number) =>
    c.set({
      dialog: { ...dialog, focus: (dialog.focus + by + dialog.fields.length) % dialog.fields.length },
    });
  if (name === 'esc') return leaveForm(c, dialog);
  if (name === 'tab' || name === 'down') return step(1);
  if (name === 'shift-tab' || name === 'up') return step(-1);
  if (name === 'enter') return dialog.focus === dialog.fields.length - 1 ? submitForm(c, dialog) : step(1);
  if (focused.options) {
    const at = focused.options.findIndex(({ value }) => value === focused.field.letters.join(''));
    const by =
      name === 'right' || name === 'space' || name === 'l' ? 1 : name === 'left' || name === 'h' ? -1 : 0;
    const next = focused.options[(at + by + focused.options.length) % focused.options.length];
    if (by !== 0 && next) put(c, dialog, fieldOf(next.value));
    return;
  }
  const edited = edit(focused.field, name) ?? (text === undefined ? undefined : insert(focused.field, text));
  if (edited) put(c, dialog, edited);
}

const leave = (c: Console): void => c.set({ dialog: undefined });

/** Movement that every dialog with a long text shares; true when the key was one. */
function scrolled(c: Console, name: string, letters: boolean): boolean {
  const act = STEPS.get(name) ?? (letters ? LETTER_STEPS.get(name) : undefined);
  act?.(c);
  return act !== undefined;
}
type Step = (c: Console) => void;
const STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['down', (c) => move(c, 1)],
  ['up', (c) => move(c, -1)],
  ['pgdn', (c) => page(c, 1)],
  ['pgup', (c) => page(c, -1)],
  ['home', (c) => edge(c, 'top')],
  ['end', (c) => edge(c, 'bottom')],
]);
const LETTER_STEPS: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['j', (c) => move(c, 1)],
  ['k', (c) => move(c, -1)],
  ['g', (c) => edge(c, 'top')],
  ['G', (c) => edge(c, 'bottom')],
]);

function choose(c: Console, dialog: ChooseDialog, name: string) {
  const last = dialog.options.length - 1;
  if (name === 'esc' || name === 'q') return leave(c);
  if (name === 'j' || name === 'down')
    return c.set({ dialog: { ...dialog, selected: Math.min(last, dialog.selected + 1) } });
  if (name === 'k' || name === 'up')
    return c.set({ dialog: { ...dialog, selected: Math.max(0, dialog.selected - 1) } });
  const option = dialog.options[dialog.selected];
  if (name === 'enter' && option) {
    if (option.disabled) return c.tell('problem', option.disabled);
    leave(c);
    dialog.choose(option.id);
  }
}

function plan(c: Console, dialog: PlanDialog, name: string) {
  if (name === 'y') askForRun(c, dialog);
  else if (name === 'esc' || name === 'n' || name === 'q') leave(c);
  else scrolled(c, name, true);
}

function confirm(c: Console, dialog: ConfirmDialog, name: string) {
  if (name === 'esc' || name === 'n' || name === 'q') return leave(c);
  if (name !== 'y' || c.now() - dialog.openedAt < DEAF_MS) return;
  leave(c);
  dialog.yes();
}

function decision(c: Console, dialog: ApproveDialog, name: string, text: string | undefined, chunk: Chunk) {
  if (name === 'esc') return leave(c);
  if (c.now() - dialog.openedAt < DEAF_MS || dialog.busy) return;
  if (scrolled(c, name, false)) return;
  const isOpen = whyNoApproval(c, dialog) === undefined;
  // Refusing needs its own reason, so a reflex cannot do it either. A plain letter could begin a target's name.
  if (name === 'ctrl-r' && dialog.run.state === 'waiting') {
    leave(c);
    return reasoned(c, 'refuse', dialog.run);
  }
  if (!isOpen) return;
  // Enter that arrives together with letters was pasted or glued; it approves nothing.
  if (name === 'enter') return isTyped(dialog) && chunk.letters === 0 ? approve(c, dialog) : undefined;
  if (text !== undefined && chunk.letters > HAND)
    return c.tell('problem', c.say('paste.refused', { count: chunk.letters }));
  const edited = edit(dialog.typed, name) ?? (text === undefined ? undefined : insert(dialog.typed, text));
  const { problem: _, ...clean } = dialog;
  if (edited) c.set({ dialog: { ...clean, typed: edited } });
}

/** Help is searched by typing; the others are only read. */
function reading(c: Console, dialog: PageDialog | EventDialog, name: string, text: string | undefined) {
  const search = dialog.kind === 'event' ? undefined : dialog.search;
  if (name === 'esc' || (!search && name === 'q')) return leave(c);
  if (scrolled(c, name, search === undefined) || !search || dialog.kind === 'event') return;
  const edited = edit(search, name) ?? (text === undefined ? undefined : insert(search, text));
  if (edited) c.set({ dialog: { ...dialog, search: edited, top: 0 } });
}
