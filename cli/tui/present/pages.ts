/** Pages to read: help made from the key table, the messages so far, dead letters. */
import { visible } from '../../../core/visible.ts';
import { COMMANDS } from '../actions/view.ts';
import { bindingsOf, capOf, disabled, whereOf } from '../keys/table.ts';
import type { EventDialog, PageDialog } from '../store/dialog.ts';
import { textOf } from '../store/field.ts';
import { type Body, textPane } from './body.ts';
import { cells, left, wrap } from './cells.ts';
import { blank, type Line, label, piece, rule, sign } from './line.ts';
import { STYLES } from './styles.ts';
import type { View } from './view.ts';

export function helpBody(view: View, dialog: PageDialog): Body {
  const { c, say, columns } = view;
  const search = dialog.search ? textOf(dialog.search) : '';
  const where = whereOf(c);
  const line = (cap: string, text: ReturnType<typeof say>, why?: ReturnType<typeof say>): Line => [
    piece(sign(`   ${left(visible(cap), 10)}`), why ? 'dim' : 'bold'),
    piece(text, why ? 'dim' : 'plain'),
    ...(why ? [piece(sign(`  (${why})`), 'dim')] : []),
  ];
  const bindings = bindingsOf(where).filter((one) =>
    `${capOf(one)} ${say(one.label)}`.toLowerCase().includes(search.toLowerCase()),
  );
  const rows = (isHere: boolean) =>
    bindings
      .filter((one) => !one.where.includes('everywhere') === isHere)
      .map((one) => line(capOf(one), say(one.label), disabled(c, one)));
  const commands = COMMANDS.filter(({ name }) => name.includes(search.replace(/^:/, ''))).map(
    ({ name, argument }) => line(`:${name}`, sign(argument)),
  );
  const group = (title: ReturnType<typeof say>, lines: Line[]): Line[] =>
    lines.length === 0 ? [] : [[piece(sign(` ${title}`), 'accent')], ...lines, blank];
  const lines = [
    ...group(say('help.here'), rows(true)),
    ...group(say('help.everywhere'), rows(false)),
    ...group(say('help.commands'), commands),
  ];
  const caption = say('help.search');
  return {
    head: [
      [
        piece(sign(` ${say('help.title')}   `), 'bold'),
        piece(sign(`${caption} `), 'dim'),
        piece(visible(search), 'bold'),
      ],
      rule(columns),
    ],
    pane: textPane(lines.length > 0 ? lines : [[piece(sign(`   ${say('help.nothing')}`), 'dim')]], dialog),
    foot: [],
    status: { start: [], end: [] },
    cursor: { row: 0, column: cells(sign(` ${say('help.title')}   ${caption} `)) + cells(visible(search)) },
  };
}

export function messagesBody(view: View, dialog: PageDialog): Body {
  const { s, say, time, columns } = view;
  const lines = [...s.messages]
    .reverse()
    .map(
      ({ at, kind, text }): Line => [
        piece(sign(` ${time(new Date(at).toISOString())}  `), 'dim'),
        piece(sign(`${STYLES[kind].sign} `), STYLES[kind].style),
        piece(text),
      ],
    );
  return {
    head: [[piece(sign(` ${say('messages.title')}`), 'bold')], rule(columns)],
    pane: textPane(lines.length > 0 ? lines : [[piece(sign(`   ${say('messages.none')}`), 'dim')]], dialog),
    foot: [],
    status: { start: [], end: [] },
  };
}

export function lettersBody(view: View, dialog: PageDialog): Body {
  const { s, say, data, time, columns } = view;
  const { value } = s.health.letters;
  const lines: Line[] = value
    ? [
        ...value.counts.map(
          ({ source, reason, count }): Line => [
            piece(sign(` ${String(count).padStart(7)}  `), 'bold'),
            piece(data(source ?? '-')),
            piece(sign('  ')),
            piece(data(reason ?? '-'), 'dim'),
          ],
        ),
        blank,
        ...value.deadLetters.flatMap((letter): Line[] => [
          [
            piece(sign(` ${time(letter.at)}  `), 'dim'),
            piece(data(`${letter.source}  ${letter.position}`), 'bold'),
            piece(sign('  ')),
            piece(data(letter.reason)),
          ],
          [piece(sign('   ')), piece(data(Buffer.from(letter.raw, 'base64').toString('utf8')), 'dim')],
        ]),
      ]
    : [[piece(sign(`   ${say('loading')}`), 'dim')]];
  const shown =
    value && value.total > value.deadLetters.length
      ? say('letters.partial', { shown: value.deadLetters.length, total: value.total })
      : say('letters.total', { count: value?.total ?? 0 });
  return {
    head: [[piece(sign(` ${say('letters.title')}   `), 'bold'), piece(shown, 'dim')], rule(columns)],
    pane: textPane(lines, dialog),
    foot: [],
    status: { start: [], end: [] },
  };
}

/** Every field with its name; long values go on in the next line, so that nothing is hidden. */
export function eventBody(view: View, { fields, ...dialog }: EventDialog): Body {
  const { say, data, columns } = view;
  const name = Math.min(30, Math.max(...fields.map(([field]) => cells(data(field)))));
  const lines = fields.flatMap(([field, value]) =>
    wrap(data(value), columns - name - 4).map(
      (part, at): Line => [label(at === 0 ? sign(` ${data(field)}`) : sign(''), name + 2), piece(part)],
    ),
  );
  return {
    head: [[piece(sign(` ${say('event.title')}`), 'bold')], rule(columns)],
    pane: textPane(lines, dialog),
    foot: [],
    status: { start: [piece(say('event.fields', { count: fields.length }))], end: [] },
  };
}
