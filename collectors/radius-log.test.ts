/** FreeRADIUS records against samples after their documents, and what is refused. */
import { describe, expect, it } from 'vitest';
import { eventOf, keepsTheContract, recordsOf } from '../tests/collector-contract.ts';
import { radiusLog } from './radius-log.ts';

describe('radius-log', () => {
  keepsTheContract(radiusLog);

  it('hides passwords of detail records too, also when the record is refused', () => {
    const record = 'Wed Mar  4 10:00:03 2026\n\tUser-Name = "ana"\n\tUser-Password = "Pl4nted"';
    expect(JSON.stringify(eventOf(radiusLog, record))).not.toContain('Pl4nted');
    const kept = radiusLog.mask(new TextEncoder().encode('x Login OK: [ana/Pl4nted]'));
    expect(new TextDecoder().decode(kept)).toBe('x Login OK: [ana/<masked>]');
  });

  it('keeps apart two records whose lines follow each other without a gap', () => {
    const file = 'Wed Mar  4 10:00:00 2026 : Info: a\nWed Mar  4 10:00:00 2026 : Info: b\n';
    expect(recordsOf(radiusLog, file)).toHaveLength(2);
  });
});
