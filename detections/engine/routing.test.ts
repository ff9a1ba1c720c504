import fc from 'fast-check';
import { expect, it } from 'vitest';
import { originKey, originOf } from './routing.ts';

const name = fc.constantFrom<unknown>(
  'windows',
  'Windows',
  'linux',
  'process_creation',
  'registry_event',
  'sysmon',
  'none',
  'undefined',
  '',
  'windows\nprocess_creation',
  '*',
  7,
);
const channel = fc.constantFrom('Security', 'Microsoft-Windows-Sysmon/Operational', 'Security\n4688', '');
const id = fc.constantFrom<unknown>(1, 12, 13, '4657', '12\nCreateKey=', '12\n');
const eventType = fc.constantFrom('CreateKey', 'DeleteKey', 'SetValue', '', '=');
const event = fc.record(
  {
    product: name,
    category: name,
    service: name,
    Channel: channel,
    EventID: id,
    EventType: eventType,
    Computer: fc.constant('c'),
    OperationType: fc.constantFrom('New registry value created', 'Existing registry value modified'),
    winlog: fc.record(
      {
        channel,
        event_id: id,
        event_data: fc.record({ EventType: eventType }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
    vigia: fc.record(
      { logsource: fc.record({ product: name, service: name }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

it('gives two events the same key only when they have the same origin, whatever an attacker writes into them', () => {
  const origins = new Map<string, { origin: unknown; of: unknown }>();
  fc.assert(
    fc.property(event, (document) => {
      const key = originKey(document);
      if (key === undefined) return;
      const origin = originOf(document);
      const known = origins.get(key);
      if (known === undefined) origins.set(key, { origin, of: document });
      else expect({ origin, of: document }).toEqual({ origin: known.origin, of: document });
    }),
    { numRuns: 20_000 },
  );
});

it('remembers no key that holds the separator', () => {
  expect(originKey({ product: 'windows\nprocess_creation' })).toBeUndefined();
  expect(originKey({ Channel: 'Security', EventID: '12\nCreateKey=' })).toBeUndefined();
});
