/** windows-forwarded against samples after Microsoft's documents, and what it refuses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { context, eventOf, keepsTheContract, recordsOf } from '../tests/collector-contract.ts';
import { windowsForwarded } from './windows-forwarded.ts';

const sample = readFileSync(join(import.meta.dirname, 'testdata', 'windows-forwarded', 'sample.log'), 'utf8');

describe('windows-forwarded', () => {
  keepsTheContract(windowsForwarded);

  it('makes one event of the same record in every form', () => {
    const forms = recordsOf(windowsForwarded, sample).slice(0, 4);
    const events = forms.map((record) => eventOf(windowsForwarded, record));
    const parts = events.map(({ event, user, source, host }) => ({ event, user, source, host }));
    for (const one of parts) expect(one).toEqual(parts[0]);
  });

  it.each([
    ['<!DOCTYPE a [<!ENTITY x "y">]><Event>&x;</Event>', 'a document type'],
    [`<Event>${'<a>'.repeat(60)}${'</a>'.repeat(60)}</Event>`, 'nested deeper'],
    ['<Event><System>', 'not well-formed'],
    ['<Events/>', 'no <Event>'],
    ['{"a":1}', 'neither of Winlogbeat'],
  ])('refuses %s and says why', (text, reason) => {
    const result = windowsForwarded.normalise(new TextEncoder().encode(text), context);
    expect(result).toEqual({ reject: expect.stringContaining(reason) });
  });
});
