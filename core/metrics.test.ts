import { describe, expect, it } from 'vitest';
import { createMetrics, METRICS } from './metrics.ts';

describe('metrics', () => {
  it('shows what was counted, with escaped labels', async () => {
    const metrics = createMetrics({ version: '0.1.0' });
    metrics.count('vigia_events_stored_total', { source: 'samba "dc"\n' }, 500);
    metrics.count('vigia_events_stored_total', { source: 'samba "dc"\n' });
    metrics.set('vigia_incidents_open', { severity: 'high' }, 3);
    metrics.observe('vigia_event_to_incident_seconds', undefined, 1.5);
    metrics.set('vigia_dead_letters_waiting', undefined, 0);
    const text = await metrics.exposition();
    expect(text).toContain('vigia_events_stored_total{source="samba \\"dc\\"\\n"} 501');
    expect(text).toContain('vigia_incidents_open{severity="high"} 3');
    expect(text).toContain('vigia_event_to_incident_seconds_bucket{le="2"} 1');
    expect(text).toContain('vigia_build_info{version="0.1.0"} 1');
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('keeps two instances apart and forgets a series that is gone', async () => {
    const [one, two] = [createMetrics({ version: '1' }), createMetrics({ version: '2' })];
    one.count('vigia_alerts_total', { level: 'high' });
    one.set('vigia_source_lag_seconds', { source: 'gone' }, 7);
    one.remove('vigia_source_lag_seconds', { source: 'gone' });
    expect(await one.exposition()).not.toContain('source="gone"');
    expect(await two.exposition()).not.toContain('vigia_alerts_total{');
  });

  it('names every metric by the rules: area, thing, unit; counters end in _total', () => {
    for (const [name, declared] of Object.entries(METRICS)) {
      expect(name).toMatch(/^vigia_[a-z]+(_[a-z]+)+$/);
      expect(name.endsWith('_total')).toBe(declared.type === 'counter');
      if (declared.type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(declared.help).toMatch(/\.$/);
    }
  });
});
