/** otlp-logs against records as the receiver spreads them; the exporters themselves are in `receiving/otlp/exporters.test.ts`. */
import { describe, expect, it } from 'vitest';
import { context, keepsTheContract } from '../tests/collector-contract.ts';
import { otlpLogs } from './otlp-logs.ts';

describe('otlp-logs', () => {
  keepsTheContract(otlpLogs);

  it('refuses a whole request, which the receiver would have spread', () => {
    const request = new TextEncoder().encode('{"resourceLogs":[]}');
    expect(otlpLogs.normalise(request, context)).toEqual({
      reject: expect.stringContaining('no record as the receiver writes it'),
    });
  });
});
