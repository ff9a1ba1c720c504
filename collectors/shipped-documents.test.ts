/** shipped-documents against documents as each shipper writes them, and what it must not take over. */
import { describe, expect, it } from 'vitest';
import { context, eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { shippedDocuments } from './shipped-documents.ts';
import { windowsForwarded } from './windows-forwarded.ts';

describe('shipped-documents', () => {
  keepsTheContract(shippedDocuments);

  it('reads a Winlogbeat document as windows-forwarded does', () => {
    const document = JSON.stringify({
      '@timestamp': '2026-03-04T09:15:00.123Z',
      winlog: { channel: 'Security', event_id: '4720', event_data: { TargetUserName: 'novo' } },
    });
    expect(eventOf(shippedDocuments, document)).toEqual(eventOf(windowsForwarded, document));
  });

  it.each([
    [{ '@timestamp': 1_772_615_704 }, '2026-03-04T09:15:04.000Z'],
    [{ timestamp: 1_772_615_704_250 }, '2026-03-04T09:15:04.250Z'],
    [{ time: '2026-03-04 10:15:04' }, '2026-03-04T09:15:04.000Z'],
    [{ '@timestamp': 'yesterday' }, undefined],
  ])('takes the time of %j', (document, at) => {
    expect(eventOf(shippedDocuments, JSON.stringify({ message: 'x', ...document }))['@timestamp']).toBe(at);
  });

  it('lets no document claim what is Vigia’s to say', () => {
    const forged = {
      message: 'x',
      'vigia.batch': 'forged',
      vigia: { logsource: { product: 'windows' }, clock: ['future'] },
      event: { id: 'forged', hash: 'forged', dataset: 'forged', created: 'forged' },
      __proto__: { polluted: true },
    };
    const event = eventOf(shippedDocuments, JSON.stringify(forged));
    expect(event.vigia).toEqual({ shipped: { dataset: 'forged' } });
    expect(event.event).toMatchObject({ dataset: 'shipped.document' });
    expect(event.event).not.toHaveProperty('id');
  });

  it('keeps 500 values of a document with a hundred thousand', () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]));
    const event = eventOf(shippedDocuments, JSON.stringify({ message: 'x', ...many }));
    expect(Object.keys(event.labels ?? {})).toHaveLength(499);
  });

  it.each([
    ['[1]', 'no object'],
    ['{"a":', 'no JSON'],
    [`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'nested'],
  ])('refuses %s', (text, reason) => {
    expect(shippedDocuments.normalise(new TextEncoder().encode(text), context)).toEqual({
      reject: expect.stringContaining(reason),
    });
  });
});
