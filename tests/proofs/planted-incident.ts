/** An incident with one alert over one stored event, for flows that keep the events of their incident. */
import type { Alert, Incident } from '../../core/documents.ts';
import type { Store } from '../../core/store.ts';
import type { IncidentRef } from '../../playbooks/index.ts';
import { sampleEvent } from '../store-contract/samples.ts';

export const incidentRef = (id: string): IncidentRef => ({
  id,
  number: 'INC-2026-000001',
  title: 'Bulk read of pensions',
  severity: 'high',
});

/** May be repeated. Its alert is called `alert-of-ID`. */
export async function plantIncident({ documents, events }: Store, ref: IncidentRef): Promise<void> {
  const { id } = ref;
  const read = sampleEvent(1, { dataset: id, partition: 'vigia-events-postgresql.log-2026.11' });
  await events.append([read]);
  const at = '2026-11-28T09:00:00Z';
  const alert: Alert = {
    id: `alert-of-${id}`,
    kind: 'event',
    rule: { id: 'r', hash: 'h', title: 'Bulk read', level: 'high', tags: [] },
    from: at,
    to: at,
    created: at,
    events: [read.event.event.id],
    eventCount: 1,
    datasets: [id],
    entities: [],
    incident: id,
    state: 'open',
    history: [],
  };
  await documents.create('alert', alert.id, alert);
  const incident: Incident = {
    ...ref,
    state: 'new',
    created: at,
    from: at,
    to: at,
    entities: [],
    keys: [],
    alertCount: 1,
    eventCount: 1,
    tags: [],
    notes: [],
    history: [],
  };
  await documents.create('incident', id, incident);
}
