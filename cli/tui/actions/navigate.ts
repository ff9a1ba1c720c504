/** Moving: along a list, between screens and tabs, into a record and out again. */
import type { Event } from '../../../core/event.ts';
import { ask, type Console } from '../store/console.ts';
import { held, move as moveInQueue, takeIn, windowOf } from '../store/queue.ts';
import { refreshIncident, refreshRun, refreshScreen } from '../store/refresh.ts';
import { refreshOneAccess } from '../store/refresh-access.ts';
import { type Place, place, SCREENS, type ScreenName, TABS, type Tab } from '../store/state.ts';

/** The place that the keys move, and how it is put back. */
function current(c: Console): { place: Place; put(place: Place): void } {
  const { screen, dialog, incident, runs, run, health, accesses, access, patching } = c.state;
  if (dialog && 'top' in dialog)
    return { place: dialog, put: ({ top }) => c.set({ dialog: { ...dialog, top } }) };
  if (screen === 'incident')
    return {
      place: incident.places[incident.tab],
      put: (next) =>
        c.set({ incident: { ...incident, places: { ...incident.places, [incident.tab]: next } } }),
    };
  if (screen === 'runs' && run.id !== undefined)
    return { place: run.place, put: (next) => c.set({ run: { ...run, place: next } }) };
  if (screen === 'runs')
    return { place: runs.place, put: (next) => c.set({ runs: { ...runs, place: next } }) };
  if (screen === 'access' && access.id !== undefined)
    return { place: access.place, put: (next) => c.set({ access: { ...access, place: next } }) };
  if (screen === 'access')
    return { place: accesses.place, put: (next) => c.set({ accesses: { ...accesses, place: next } }) };
  if (screen === 'patching')
    return { place: patching.place, put: (next) => c.set({ patching: { ...patching, place: next } }) };
  return { place: health.place, put: (next) => c.set({ health: { ...health, place: next } }) };
}

export function move(c: Console, by: number) {
  const { queue, screen, dialog } = c.state;
  if (screen === 'queue' && !dialog) return c.set({ queue: moveInQueue(queue, by) });
  const { ids, height, kind } = c.pane;
  const { place: at, put } = current(c);
  if (kind === 'text')
    return put({ top: Math.min(Math.max(0, at.top + by), Math.max(0, ids.length - height)) });
  const index = at.selected === undefined ? 0 : Math.max(0, ids.indexOf(at.selected));
  const selected = ids[Math.min(Math.max(index + by, 0), ids.length - 1)];
  if (selected !== undefined) put({ selected, top: windowOf({ selected, top: at.top }, ids, height) });
}

/** Moving by pages is the user's own jump: what waited for it enters. */
export function page(c: Console, pages: number) {
  if (c.state.screen === 'queue' && !c.state.dialog) settle(c);
  move(c, Math.trunc(pages * c.pane.height));
}

export function edge(c: Console, end: 'top' | 'bottom') {
  const { queue, screen, dialog } = c.state;
  if (screen === 'queue' && !dialog) {
    const built = takeIn(queue, c.state.me?.user, c.now());
    const selected = end === 'top' ? built.order[0] : built.order.at(-1);
    return c.set({
      queue: held({
        ...built,
        top: end === 'top' ? 0 : built.top,
        ...(selected === undefined ? {} : { selected }),
      }),
    });
  }
  move(c, end === 'top' ? -c.pane.ids.length : c.pane.ids.length);
}

/** New rows enter, gone ones leave, sorting is applied. */
export const settle = (c: Console): void =>
  c.set({ queue: takeIn(c.state.queue, c.state.me?.user, c.now()) });

export function show(c: Console, screen: ScreenName) {
  const { screen: before, incident } = c.state;
  if (screen === 'incident' && incident.id === undefined) {
    const { selected } = c.state.queue;
    if (selected === undefined) return c.tell('info', c.say('why.nothing'));
    c.run(openIncident(c, selected));
    return;
  }
  if (screen !== before) c.set({ screen, previous: before });
  c.run(refreshScreen(c));
}

export async function openIncident(c: Console, id: string, tab: Tab = 'summary'): Promise<void> {
  const places = Object.fromEntries(TABS.map((one) => [one, place()])) as Record<Tab, Place>;
  const isOther = c.state.incident.id !== id;
  c.set({
    screen: 'incident',
    previous: c.state.screen === 'incident' ? c.state.previous : c.state.screen,
    incident: isOther ? { id, tab, places } : { ...c.state.incident, tab },
  });
  await refreshIncident(c, isOther);
}

export async function openRun(c: Console, id: string): Promise<void> {
  c.set({
    screen: 'runs',
    previous: c.state.screen === 'runs' ? c.state.previous : c.state.screen,
    run: c.state.run.id === id ? c.state.run : { id, place: place() },
  });
  await refreshRun(c);
}

export async function openAccess(c: Console, id: string): Promise<void> {
  const { screen, previous, access } = c.state;
  c.set({
    screen: 'access',
    previous: screen === 'access' ? previous : screen,
    access: access.id === id ? access : { id, place: place() },
  });
  await refreshOneAccess(c);
}

/** `user.name` → text, as the store keeps it; lists one value per line. */
function fieldsOf(value: unknown, name: string): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((one) => fieldsOf(one, name));
  if (value !== null && typeof value === 'object')
    return Object.entries(value).flatMap(([key, one]) => fieldsOf(one, name === '' ? key : `${name}.${key}`));
  return [[name, String(value)]];
}

async function openEvent(c: Console, id: string): Promise<void> {
  const event = await ask(c, () => c.api.get<Event>(`/api/v1/events/${encodeURIComponent(id)}`));
  c.set({ dialog: { kind: 'event', top: 0, fields: fieldsOf(event, '') } });
}

/** The timeline entry under the hand: events open with all their fields, runs as the run. */
function openEntry(c: Console) {
  const { incident } = c.state;
  const entries = incident.value?.timeline.entries ?? [];
  const at = c.pane.ids.indexOf(incident.places.timeline.selected ?? c.pane.ids[0] ?? '');
  const entry = entries[at];
  if (entry?.kind === 'event' && entry.id !== undefined) c.run(openEvent(c, entry.id));
  else if (entry?.kind === 'run' && entry.id !== undefined) c.run(openRun(c, entry.id));
}

export function open(c: Console) {
  const { screen, queue, runs, run, incident, accesses, access } = c.state;
  if (screen === 'queue' && queue.selected !== undefined) c.run(openIncident(c, queue.selected));
  else if (screen === 'runs' && run.id === undefined && runs.place.selected !== undefined)
    c.run(openRun(c, runs.place.selected));
  else if (screen === 'access' && access.id === undefined && accesses.place.selected !== undefined)
    c.run(openAccess(c, accesses.place.selected));
  else if (screen === 'incident' && incident.tab === 'timeline') openEntry(c);
  else if (screen === 'incident' && incident.tab === 'runs') {
    const id = incident.places.runs.selected ?? incident.value?.runs[0]?.id;
    if (id !== undefined) c.run(openRun(c, id));
  }
}

export function tab(c: Console, by: number) {
  const { incident } = c.state;
  const at = (TABS.indexOf(incident.tab) + by + TABS.length) % TABS.length;
  c.set({ incident: { ...incident, tab: TABS[at]! } });
}

/** `esc`: filter, marks, detail, list. `q` does the same and asks before leaving the program. */
export function back(c: Console, key: 'esc' | 'q') {
  const { screen, queue, run, access, previous } = c.state;
  if (screen === 'queue') {
    if (queue.filter !== '')
      return c.set({ queue: takeIn({ ...queue, filter: '', test: () => true }, c.state.me?.user, c.now()) });
    if (queue.marks.size > 0) return c.set({ queue: { ...queue, marks: new Set() } });
    if (key === 'q')
      c.set({ dialog: { kind: 'confirm', text: c.say('quit.sure'), openedAt: c.now(), yes: c.quit } });
    return;
  }
  if (screen === 'runs' && run.id !== undefined)
    return c.set({
      run: { place: place() },
      ...(previous === 'incident' || previous === 'patching' ? { screen: previous, previous: 'queue' } : {}),
    });
  if (screen === 'access' && access.id !== undefined) return c.set({ access: { place: place() } });
  c.set({ screen: screen === 'incident' && previous === 'runs' ? 'runs' : 'queue', previous: screen });
}

export const previous = (c: Console): void => show(c, c.state.previous);
export const isScreen = (name: string): name is ScreenName => SCREENS.some((one) => one === name);
