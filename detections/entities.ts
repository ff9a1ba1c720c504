/** Reads from an event whom and what it is about. */
import { readField, segmentsOf } from '../core/conditions/values.ts';
import type { Entity } from '../core/documents.ts';
import type { Event } from '../core/event.ts';

/** Where entities lie, most telling first; the first of each type leads an incident's title. */
const PLACES: readonly [Entity['type'], string][] = [
  ['user', 'user.name'],
  ['user', 'user.target.name'],
  ['user', 'user.effective.name'],
  ['user', 'user.changes.name'],
  ['user', 'winlog.event_data.SubjectUserName'],
  ['user', 'winlog.event_data.TargetUserName'],
  ['host', 'host.name'],
  ['host', 'winlog.computer_name'],
  ['address', 'source.ip'],
  ['address', 'client.ip'],
  ['address', 'destination.ip'],
  ['group', 'group.name'],
  ['database', 'vigia.postgresql.database'],
  ['process', 'process.executable'],
  ['file', 'file.path'],
];
const paths = PLACES.map(([type, path]) => ({ type, segments: segmentsOf(path) }));

/** What logs write where they have nothing to say. */
const EMPTY = new Set(['', '-', '::', '0.0.0.0', 'n/a', 'null', '(null)']);

/** Each entity once, ignoring case, as first written. */
export function entitiesOf(event: Event): Entity[] {
  return mergeEntities(
    paths.flatMap(({ type, segments }) =>
      (readField(event, segments)?.values ?? [])
        .filter(({ lower }) => !EMPTY.has(lower))
        .map(({ text }) => ({ type, name: text })),
    ),
  );
}

export function mergeEntities(entities: Iterable<Entity>): Entity[] {
  const seen = new Map<string, Entity>();
  for (const entity of entities) {
    const key = `${entity.type}:${entity.name.toLowerCase()}`;
    if (!seen.has(key)) seen.set(key, entity);
  }
  return [...seen.values()];
}
