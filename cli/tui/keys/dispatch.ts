/** The one dispatcher: dialog, then text field, then screen, then everywhere. A stray paste reaches none of them. */

import { complete, narrow, runCommand } from '../actions/view.ts';
import type { Console } from '../store/console.ts';
import { edit, fieldOf, insert, textOf } from '../store/field.ts';
import type { Press } from '../terminal/input.ts';
import { type Chunk, dialogKey, dialogText } from './dialogs.ts';
import { bindingsOf, disabled, whereOf } from './table.ts';

/** More letters in one chunk than a hand types, outside a text field, are a paste that went astray. */
const STRAY = 16;

/** Everything that arrived together: glued keys act one after the other, and are painted once. */
export function handle(c: Console, presses: readonly Press[]) {
  const letters = presses.flatMap((press) =>
    press.kind === 'key' && press.text !== undefined ? [press.text] : [],
  );
  const chunk: Chunk = { letters: letters.length };
  const isHeld = new Set(letters).size === 1;
  for (const press of presses) {
    if (press.kind === 'paste') paste(c, press.text);
    else if (letters.length > STRAY && !isHeld && press.text !== undefined && !takesText(c)) {
      c.tell('problem', c.say('paste.refused', { count: letters.length }));
      return;
    } else one(c, press.name, press.text, chunk);
  }
}

const takesText = (c: Console): boolean =>
  c.state.prompt !== undefined || c.state.dialog?.kind === 'form' || c.state.dialog?.kind === 'help';

function paste(c: Console, text: string) {
  if (c.state.prompt) typed(c, text.replace(/[\r\n]+/g, ' '));
  else if (!dialogText(c, text.replace(/[\r\n]+/g, '⏎')))
    c.tell('problem', c.say('paste.refused', { count: [...text].length }));
}

function one(c: Console, name: string, text: string | undefined, chunk: Chunk) {
  if (name !== 'ctrl-c' && name !== 'ctrl-l' && name !== 'ctrl-z') {
    if (c.state.dialog) return dialogKey(c, c.state.dialog, name, text, chunk);
    if (c.state.prompt) return promptKey(c, name, text);
  }
  const binding = bindingsOf(whereOf(c)).find(({ keys }) => keys.includes(name));
  if (!binding) return;
  const why = disabled(c, binding);
  if (why) c.tell('problem', why);
  else binding.act(c, name);
}

function typed(c: Console, text: string) {
  const { prompt } = c.state;
  if (prompt) changed(c, insert(prompt.field, text));
}

function changed(c: Console, field: ReturnType<typeof fieldOf>) {
  const { prompt } = c.state;
  if (!prompt) return;
  c.set({ prompt: { ...prompt, field } });
  if (prompt.kind === 'filter') narrow(c, textOf(field));
}

function promptKey(c: Console, name: string, text: string | undefined) {
  const { prompt, commands } = c.state;
  if (!prompt) return;
  const line = textOf(prompt.field);
  if (name === 'esc') {
    c.set({ prompt: undefined });
    if (prompt.kind === 'filter') narrow(c, prompt.before);
    else if (line !== '') c.set({ commands: [...commands.filter((old) => old !== line), line] });
    return;
  }
  if (name === 'enter') {
    c.set({ prompt: undefined });
    if (prompt.kind === 'command') runCommand(c, line);
    return;
  }
  if (prompt.kind === 'command' && name === 'tab') return changed(c, fieldOf(complete(line)));
  if (prompt.kind === 'command' && (name === 'up' || name === 'down')) {
    const at = commands.indexOf(line);
    const next =
      name === 'up'
        ? commands[at === -1 ? commands.length - 1 : at - 1]
        : at === -1
          ? undefined
          : commands[at + 1];
    return changed(c, fieldOf(next ?? (name === 'down' ? '' : line)));
  }
  const edited = edit(prompt.field, name);
  if (edited) changed(c, edited);
  else if (text !== undefined) typed(c, text);
}
