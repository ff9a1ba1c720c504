/** The last three lines: status, what the keys do, and a message or the line being written. */
import { visible } from '../../../core/visible.ts';
import { type Binding, bindingsOf, capOf, disabled, whereOf } from '../keys/table.ts';
import { textOf } from '../store/field.ts';
import { type Body, position } from './body.ts';
import { cells } from './cells.ts';
import { type Line, piece, sign, spread, within } from './line.ts';
import { STYLES } from './styles.ts';
import type { View } from './view.ts';

/** A message stays so long in the last line; afterwards `!` shows it. */
export const TOAST_MS = 6_000;

export function footerOf(view: View, body: Body, height: number): { lines: Line[]; cursorColumn?: number } {
  const { columns, say } = view;
  const where = position(view, body.pane, height);
  const end: Line = [
    ...body.status.end,
    ...(where === '' ? [] : [piece(sign(`${body.status.end.length > 0 ? ' · ' : ''}${where}`), 'dim')]),
    piece(sign(' ')),
  ];
  const status = spread(columns, [piece(sign(' ')), ...body.status.start], end);
  const last = lastLine(view);
  return {
    lines: [status, hints(view), last.line],
    ...(last.cursor === undefined ? {} : { cursorColumn: last.cursor }),
  };
  function lastLine({ s }: View): { line: Line; cursor?: number } {
    if (s.prompt) {
      const head = s.prompt.kind === 'filter' ? ' /' : ' :';
      const before = visible(s.prompt.field.letters.slice(0, s.prompt.field.at).join(''));
      const help = say(s.prompt.kind === 'filter' ? 'prompt.filter' : 'prompt.command');
      return {
        line: spread(
          columns,
          [piece(sign(head), 'accent'), piece(visible(textOf(s.prompt.field)), 'bold')],
          [piece(help, 'dim'), piece(sign(' '))],
        ),
        cursor: head.length + cells(before),
      };
    }
    const message = s.messages.at(-1);
    if (!message || s.now - message.at >= TOAST_MS) return { line: [] };
    const { sign: symbol, style } = STYLES[message.kind];
    return { line: within([piece(sign(` ${symbol} `), style), piece(message.text)], columns) };
  }
}

/** The best keys first; what does not fit is in help. Keys that do nothing now are dim. */
function hints(view: View): Line {
  const { c, s, say, columns } = view;
  if (s.dialog) return dialogHints(view);
  if (s.prompt) return [];
  const ranked = bindingsOf(whereOf(c))
    .filter((one) => one.hint !== undefined)
    .sort((a, b) => a.hint! - b.hint!);
  const help = ranked.filter(({ hint }) => hint === 0);
  const texts = [...ranked.filter(({ hint }) => hint !== 0), ...help].map((one) => ({
    one,
    text: `${cap(view, one)} ${say(one.label)}`,
  }));
  const kept: typeof texts = [];
  let room = columns - 1 - cells(texts.at(-1)!.text);
  for (const each of texts.slice(0, -1)) {
    if (cells(each.text) + 2 > room) continue;
    kept.push(each);
    room -= cells(each.text) + 2;
  }
  return [...kept, texts.at(-1)!].flatMap(({ one, text }, at) => {
    const isOff = disabled(c, one) !== undefined;
    const key = cap(view, one);
    return [
      piece(sign(at === 0 ? ' ' : '  ')),
      piece(sign(key), isOff ? 'dim' : 'bold'),
      piece(sign(text.slice(key.length)), isOff ? 'dim' : 'plain'),
    ];
  });
}

/** The sign of the Enter key has no likeness in ASCII. */
const cap = ({ s }: View, binding: Binding): string =>
  s.ascii ? capOf(binding).replace('↵', 'Enter') : capOf(binding);

function dialogHints({ s, say }: View): Line {
  const { dialog } = s;
  const text = dialog ? say(`hints.${dialog.kind}`) : sign('');
  return [piece(sign(' ')), piece(text, 'dim')];
}
