/** prometheus-query against answers as its reader writes them; the program itself is in `prometheus/reader.test.ts`. */
import { describe, expect, it } from 'vitest';
import { context, keepsTheContract } from '../tests/collector-contract.ts';
import { prometheusQuery } from './prometheus-query.ts';

describe('prometheus-query', () => {
  keepsTheContract(prometheusQuery);

  it('refuses what is no answer', () => {
    const result = prometheusQuery.normalise(new TextEncoder().encode('{"value":1}'), context);
    expect(result).toEqual({ reject: expect.stringContaining('no answer of Prometheus') });
  });
});
