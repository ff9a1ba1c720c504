/** What every part of incidents works with, and the reads and writes that they share. */
import { and, equals, isIn } from '../core/conditions/tree.ts';
import type { Alert, Incident } from '../core/documents.ts';
import { errors, isConflict } from '../core/errors.ts';
import { findAll } from '../core/find-all.ts';
import type { DocumentStore, EventStore, Stored, Version } from '../core/store.ts';
import type { Keys } from './keys.ts';
import type { IncidentPolicies } from './policies.ts';

export interface Context {
  documents: DocumentStore;
  events: EventStore;
  policies: IncidentPolicies;
  keys: Keys;
  /** Epoch milliseconds. */
  now(): number;
}

export const isoNow = (context: Context): string => new Date(context.now()).toISOString();

/** `INC-2026-000412`, or the internal id. */
export async function findIncident(context: Context, idOrNumber: string): Promise<Stored<Incident>> {
  const byId = await context.documents.get('incident', idOrNumber);
  if (byId) return byId;
  const byNumber = await context.documents.find('incident', { where: equals('number', idOrNumber), size: 1 });
  const found = byNumber.found[0];
  if (!found) throw errors.notFound('incident', idOrNumber);
  return found;
}

/** Everything merged into these incidents, at any depth. */
export async function members(context: Context, ids: readonly string[]): Promise<Stored<Incident>[]> {
  const all: Stored<Incident>[] = [];
  const seen = new Set(ids);
  for (let layer = [...ids]; layer.length > 0; ) {
    const found = await findAll(context.documents, 'incident', { where: isIn('mergedInto', layer) });
    layer = found.map(({ id: member }) => member).filter((member) => !seen.has(member));
    for (const member of layer) seen.add(member);
    all.push(...found);
  }
  return all;
}

/** The alerts of an incident and of what was merged into it, by event time; withdrawn ones included. */
export async function alertsOf(context: Context, ids: readonly string[]): Promise<Stored<Alert>[]> {
  return findAll(context.documents, 'alert', { where: and(isIn('incident', ids)), sort: ['from'] });
}

/**
 * Changes one incident, again and again until nobody wrote in between. `change` gives undefined to leave it as it is.
 * With `expected`, a stale version is a conflict for the caller instead.
 */
export async function updateIncident(
  context: Context,
  id: string,
  change: (incident: Incident) => Incident | undefined | Promise<Incident | undefined>,
  expected?: Version,
): Promise<Stored<Incident>> {
  for (;;) {
    const stored = await context.documents.get('incident', id);
    if (!stored) throw errors.notFound('incident', id);
    if (expected !== undefined && stored.version !== expected)
      throw errors.conflict(`incident ${stored.body.number}`);
    const next = await change(stored.body);
    if (next === undefined) return stored;
    try {
      return {
        id,
        body: next,
        version: await context.documents.update('incident', id, next, stored.version),
      };
    } catch (error) {
      if (!isConflict(error) || expected !== undefined) throw error;
    }
  }
}
