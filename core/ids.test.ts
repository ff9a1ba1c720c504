import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventId } from './ids.ts';

/** Written from design section 5, part by part. */
function written(timeMs: number, parts: readonly string[], raw: Uint8Array): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(`${part.length}:${part}`);
  const digits = digest.update(raw).digest('hex');
  const variant = '89ab'[Number.parseInt(digits[15]!, 16) & 3];
  return `${timeMs.toString(16).padStart(12, '0')}8${digits.slice(12, 15)}${variant}${digits.slice(16, 31)}`;
}

describe('the id of an event', () => {
  const timeMs = Date.parse('2026-11-21T19:58:20Z');
  // Around the size up to which one call hashes all, and with characters of several bytes.
  it.each([0, 1, 800, 16_300, 16_384, 16_400, 70_000])('is the one written down, for %i bytes', (size) => {
    for (const sourceId of ['app', 'ficheiro/ação-€.log', '𝔸'.repeat(40)]) {
      const raw = Buffer.alloc(size, 'zé ');
      const record = { timeMs, sourceId, generation: 12, position: '4096', raw };
      expect(eventId(record)).toBe(written(timeMs, [sourceId, '12', '4096'], raw));
    }
  });

  it('keeps a longer source and a shorter position apart', () => {
    const raw = Buffer.from('x');
    const ids = [
      eventId({ timeMs, sourceId: 'a1', generation: 1, position: '1', raw }),
      eventId({ timeMs, sourceId: 'a', generation: 11, position: '1', raw }),
      eventId({ timeMs, sourceId: 'a', generation: 1, position: '11', raw }),
    ];
    expect(new Set(ids).size).toBe(3);
  });
});
