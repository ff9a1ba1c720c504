/** Opens forms, keeps what was written in one that was left, and sends one that is complete. */
import type { Shown } from '../../../core/visible.ts';
import { type Console, reasonOf } from '../store/console.ts';
import type { FormDialog, FormField } from '../store/dialog.ts';
import { fieldOf, textOf } from '../store/field.ts';

export interface FieldSpec {
  name: string;
  label: Shown;
  options?: NonNullable<FormField['options']>;
  value?: string;
  required?: boolean;
  about?: Shown;
}

export interface FormSpec {
  /** Under which an unfinished text is kept. */
  draft: string;
  title: Shown;
  fields: readonly FieldSpec[];
  submit: FormDialog['submit'];
}

export function openForm(c: Console, { draft, title, fields, submit }: FormSpec) {
  const kept = c.state.drafts.get(draft);
  c.set({
    dialog: {
      kind: 'form',
      draft,
      title,
      focus: 0,
      busy: false,
      submit,
      fields: fields.map(({ value, required, ...field }) => ({
        ...field,
        required: required ?? false,
        field: fieldOf(kept?.[field.name] ?? value ?? field.options?.[0]?.value ?? ''),
      })),
    },
  });
}

const valuesOf = (dialog: FormDialog) =>
  Object.fromEntries(dialog.fields.map(({ name, field }) => [name, textOf(field).trim()]));

/** `esc`: nothing is lost, the same form opens with the same text. */
export function leaveForm(c: Console, dialog: FormDialog) {
  c.set({ dialog: undefined, drafts: new Map(c.state.drafts).set(dialog.draft, valuesOf(dialog)) });
}

export function submitForm(c: Console, dialog: FormDialog) {
  if (dialog.busy) return;
  const missing = dialog.fields.findIndex(({ required, field }) => required && textOf(field).trim() === '');
  if (missing >= 0) {
    c.set({
      dialog: {
        ...dialog,
        focus: missing,
        problem: c.say('form.missing', { field: dialog.fields[missing]!.label }),
      },
    });
    return;
  }
  const { problem: _, ...clean } = dialog;
  const busy = { ...clean, busy: true };
  c.set({ dialog: busy, pending: c.state.pending + 1 });
  c.run(send(c, busy));
}

async function send(c: Console, dialog: FormDialog): Promise<void> {
  try {
    await dialog.submit(valuesOf(dialog));
    const drafts = new Map(c.state.drafts);
    drafts.delete(dialog.draft);
    // A form may lead to the next dialog; only its own place is cleared.
    c.set({ drafts, ...(c.state.dialog === dialog ? { dialog: undefined } : {}) });
  } catch (cause) {
    if (c.state.dialog === dialog) c.set({ dialog: { ...dialog, busy: false, problem: reasonOf(cause) } });
    else throw cause;
  } finally {
    c.set({ pending: c.state.pending - 1 });
  }
}
