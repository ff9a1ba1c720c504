/** What changes only the picture: filter, marks, sorting, follow, language, time, help, commands. */
import { LANGS } from '../../../core/i18n/catalogue.ts';
import { visible } from '../../../core/visible.ts';
import type { Console } from '../store/console.ts';
import { fieldOf } from '../store/field.ts';
import { emptyQueue, SORTS, takeIn, VIEWS, type View, withFilter } from '../store/queue.ts';
import { refreshLetters, refreshQueue, refreshScreen } from '../store/refresh.ts';
import { openAccess, openIncident, openRun, show } from './navigate.ts';

export const filter = (c: Console): void => {
  const { filter: text } = c.state.queue;
  c.set({ screen: 'queue', prompt: { kind: 'filter', field: fieldOf(text), before: text } });
};
export const command = (c: Console): void =>
  c.set({ prompt: { kind: 'command', field: fieldOf(), before: '' } });

export function mark(c: Console) {
  const { queue } = c.state;
  if (queue.selected === undefined) return;
  const marks = new Set(queue.marks);
  if (!marks.delete(queue.selected)) marks.add(queue.selected);
  c.set({ queue: { ...queue, marks } });
}

export function markAll(c: Console) {
  const { queue } = c.state;
  const marks = new Set([...queue.marks, ...queue.order]);
  c.set({ queue: { ...queue, marks } });
  c.tell('info', c.say('marked', { count: marks.size }));
}

export const unmark = (c: Console): void => c.set({ queue: { ...c.state.queue, marks: new Set() } });

export function sort(c: Console) {
  const { queue } = c.state;
  const next = SORTS[(SORTS.indexOf(queue.sort) + 1) % SORTS.length]!;
  c.set({ queue: takeIn({ ...queue, sort: next }, c.state.me?.user, c.now()) });
}

export function follow(c: Console) {
  const { queue } = c.state;
  c.set({ queue: takeIn({ ...queue, follow: !queue.follow }, c.state.me?.user, c.now()) });
}

export const refresh = (c: Console): void =>
  c.run(refreshScreen(c).then(() => c.tell('info', c.say('refreshed'))));
export const times = (c: Console): void => c.set({ utc: !c.state.utc });
export const help = (c: Console): void => c.set({ dialog: { kind: 'help', top: 0, search: fieldOf() } });
export const log = (c: Console): void => c.set({ dialog: { kind: 'messages', top: 0 } });
export const deadLetters = (c: Console): void => {
  c.set({ dialog: { kind: 'dead-letters', top: 0 } });
  c.run(refreshLetters(c));
};

export function openView(c: Console, view: View) {
  const { filter: text, test, height, marks, sort: sorted, follow: follows } = c.state.queue;
  if (view !== c.state.queue.view)
    c.set({
      queue: { ...emptyQueue(), view, filter: text, test, height, marks, sort: sorted, follow: follows },
    });
  c.set({ screen: 'queue', previous: c.state.screen });
  c.run(refreshQueue(c));
}

/** `inc 412` is this year's number; anything else is taken as it stands. */
export function incidentNumber(text: string, now: number): string {
  const [, year, digits] = /^(?:inc-)?(?:(\d{2}|\d{4})-)?(\d{1,6})$/i.exec(text) ?? [];
  if (!digits) return text;
  const full =
    year === undefined
      ? new Date(now).getUTCFullYear()
      : year.length === 2
        ? 2000 + Number(year)
        : Number(year);
  return `INC-${full}-${digits.padStart(6, '0')}`;
}

interface Command {
  name: string;
  argument: string;
  run(c: Console, argument: string): void;
}

const unknown = (c: Console, text: string) =>
  c.tell('problem', c.say('command.unknown', { text, known: COMMANDS.map(({ name }) => name).join(' ') }));

export const COMMANDS: readonly Command[] = [
  {
    name: 'queue',
    argument: VIEWS.join('|'),
    run: (c, text) =>
      text === ''
        ? show(c, 'queue')
        : VIEWS.some((view) => view === text)
          ? openView(c, text as View)
          : unknown(c, `queue ${text}`),
  },
  {
    name: 'inc',
    argument: '412',
    run: (c, text) =>
      text === '' ? show(c, 'incident') : c.run(openIncident(c, incidentNumber(text, c.now()))),
  },
  { name: 'runs', argument: '', run: (c) => show(c, 'runs') },
  {
    name: 'run',
    argument: 'RUN-…',
    run: (c, text) => (text === '' ? show(c, 'runs') : c.run(openRun(c, text))),
  },
  { name: 'health', argument: '', run: (c) => show(c, 'health') },
  {
    name: 'access',
    argument: 'ACC-…',
    run: (c, text) => (text === '' ? show(c, 'access') : c.run(openAccess(c, text))),
  },
  { name: 'patching', argument: '', run: (c) => show(c, 'patching') },
  {
    name: 'filter',
    argument: '…',
    run: (c, text) =>
      c.set({ screen: 'queue', queue: withFilter(c.state.queue, text, c.state.me?.user, c.now()) }),
  },
  { name: 'tz', argument: 'utc|local', run: (c, text) => c.set({ utc: text === 'utc' }) },
  {
    name: 'lang',
    argument: LANGS.join('|'),
    run: (c, text) => (text === 'en' || text === 'pt' ? c.set({ lang: text }) : unknown(c, `lang ${text}`)),
  },
  { name: 'help', argument: '', run: help },
  { name: 'q', argument: '', run: (c) => c.quit() },
];

export function runCommand(c: Console, line: string) {
  const [, name = '', argument = ''] = /^:?\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  if (name === '') return;
  c.set({ commands: [...c.state.commands.filter((one) => one !== line), line].slice(-50) });
  const found = COMMANDS.find((one) => one.name === name);
  if (found) found.run(c, argument);
  else unknown(c, visible(name));
}

/** Completes the name of a command, or its argument where the choices are known. */
export function complete(line: string): string {
  const [, name = '', argument] = /^(\S*)(?:\s+(.*))?$/.exec(line) ?? [];
  if (argument === undefined) {
    const found = COMMANDS.filter((one) => one.name.startsWith(name));
    return found[0] && name !== '' ? `${found[0].name}${found[0].argument === '' ? '' : ' '}` : line;
  }
  const choices = COMMANDS.find((one) => one.name === name)?.argument.split('|') ?? [];
  const found = choices.find((choice) => choices.length > 1 && choice.startsWith(argument));
  return found ? `${name} ${found}` : line;
}

/** The filter narrows while it is written. */
export const narrow = (c: Console, text: string): void =>
  c.set({ queue: withFilter(c.state.queue, text, c.state.me?.user, c.now()) });
