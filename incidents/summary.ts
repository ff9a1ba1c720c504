/** What an incident says about its alerts: counters, span, severity, title, entities. Recomputed from the alerts, never incremented. */
import {
  type Alert,
  atLeast,
  type Change,
  type Entity,
  type Incident,
  LEVELS,
  type Level,
} from '../core/documents.ts';
import { type Keys, nameTest } from './keys.ts';
import type { Criticality, IncidentPolicies, SeverityPolicy } from './policies.ts';

/** Who signs what Vigia does by itself. */
export const VIGIA = 'vigia';

const CRITICALITIES: readonly Criticality[] = ['unknown', 'low', 'normal', 'high'];

/** The criticality of the most critical of the entities. */
export function criticalityOf(policy: SeverityPolicy): (entities: readonly Entity[]) => Criticality {
  const assets = policy.assets.map((asset) => ({ ...asset, matches: nameTest([asset.name]) }));
  return (entities) => {
    let highest: Criticality = 'unknown';
    for (const asset of assets) {
      if (CRITICALITIES.indexOf(asset.criticality) <= CRITICALITIES.indexOf(highest)) continue;
      if (entities.some((entity) => entity.type === asset.type && asset.matches(entity.name)))
        highest = asset.criticality;
    }
    return highest;
  };
}

const highest = (levels: readonly Level[]): Level =>
  levels.reduce<Level>((top, level) => (atLeast(level, top) ? level : top), LEVELS[0]!);

/** When the alert was put into this incident. */
export const joinedAt = (alert: Alert): string =>
  alert.history.findLast((change) => change.field === 'incident')?.at ?? alert.created;

/**
 * The level of the alerts through the criticality matrix. A person's decision stands, except against alerts that
 * joined after it: a new critical alert must not hide behind an old "low".
 */
function severityOf(incident: Incident, alerts: readonly Alert[], policy: SeverityPolicy): Level {
  const criticality = criticalityOf(policy);
  const level = (some: readonly Alert[]) =>
    highest(some.map((alert) => policy.matrix[criticality(alert.entities)][alert.rule.level]));
  const decided = incident.history.findLast((change) => change.field === 'severity' && change.by !== VIGIA);
  if (!decided) return level(alerts);
  return highest([decided.to as Level, level(alerts.filter((alert) => joinedAt(alert) > decided.at))]);
}

/** Names by how many alerts name them, most first; ties keep the order of appearance. */
function entitiesOf(alerts: readonly Alert[], keys: Keys): Entity[] {
  const counted = new Map<string, { entity: Entity; count: number }>();
  for (const alert of alerts) {
    const named = new Map(alert.entities.map((entity) => [keys.key(entity), entity]));
    for (const [key, entity] of named) {
      const known = counted.get(key);
      if (known) known.count++;
      else counted.set(key, { entity, count: 1 });
    }
  }
  return [...counted.values()].sort((a, b) => b.count - a.count).map(({ entity }) => entity);
}

/** An event that several alerts name counts once; events beyond the evidence limit are counted by their alert. */
function countEvents(alerts: readonly Alert[]): number {
  const listed = new Set(alerts.flatMap((alert) => alert.events));
  return alerts.reduce(
    (sum, alert) => sum + Math.max(0, alert.eventCount - alert.events.length),
    listed.size,
  );
}

/**
 * The most severe rule, and whom that very alert is about: a name from another alert would tell a wrong story. Of several
 * names the one that the whole incident has most often.
 */
function titleOf(
  alerts: readonly Alert[],
  entities: readonly Entity[],
  keys: Keys,
  policies: IncidentPolicies,
): string {
  const top = alerts.reduce((best, alert) =>
    LEVELS.indexOf(alert.rule.level) > LEVELS.indexOf(best.rule.level) ? alert : best,
  );
  const own = new Set(top.entities.map(keys.key));
  const about = entities.filter((entity) => own.has(keys.key(entity)));
  const named = policies.entity.title.flatMap((type) => about.filter((entity) => entity.type === type));
  const main = named.find(keys.ties) ?? named[0];
  return main ? `${top.rule.title}: ${main.name}` : top.rule.title;
}

/** The incident as its alerts (in order of event time) now make it. Without open alerts it keeps title, span and entities. */
export function summarise(
  incident: Incident,
  all: readonly Alert[],
  keys: Keys,
  policies: IncidentPolicies,
  at: string,
): Incident {
  const alerts = all.filter((alert) => alert.state === 'open');
  const severity = severityOf(incident, alerts, policies.severity);
  const changes: Change[] =
    severity === incident.severity
      ? []
      : [
          {
            at,
            by: VIGIA,
            field: 'severity',
            from: incident.severity,
            to: severity,
            reason: 'recomputed from its alerts',
          },
        ];
  const counted = {
    ...incident,
    severity,
    alertCount: alerts.length,
    eventCount: countEvents(alerts),
    history: [...incident.history, ...changes],
  };
  if (alerts.length === 0) return counted;
  const entities = entitiesOf(alerts, keys);
  const tags = new Set(alerts.flatMap((alert) => alert.rule.tags));
  if (alerts.every((alert) => alert.backfill)) tags.add('backfill');
  return {
    ...counted,
    title: titleOf(alerts, entities, keys, policies),
    from: alerts.map((alert) => alert.from).sort()[0]!,
    to: alerts
      .map((alert) => alert.to)
      .sort()
      .at(-1)!,
    entities: entities.slice(0, policies.grouping.listed_entities),
    entityCount: entities.length,
    keys: [...new Set(alerts.flatMap((alert) => keys.of(alert.entities, alert.rule.id)))].sort(),
    tags: [...tags].sort(),
  };
}
