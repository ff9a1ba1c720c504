/** alertmanager against recorded notifications; the program itself is in `receiving/alertmanager/`. */
import { describe, expect, it } from 'vitest';
import { context, eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { alertmanager } from './alertmanager.ts';

const alert = (instance: string) =>
  JSON.stringify({
    status: 'firing',
    labels: { alertname: 'x', instance },
    startsAt: '2026-03-04T09:15:00Z',
  });

describe('alertmanager', () => {
  keepsTheContract(alertmanager);

  it.each([
    ['10.0.0.7:9100', { name: '10.0.0.7', ip: ['10.0.0.7'] }],
    ['srv-app-07:9100', { name: 'srv-app-07' }],
    ['https://portal.example.test/login', { name: 'portal.example.test' }],
  ])('knows the host of %s', (instance, host) => {
    expect(eventOf(alertmanager, alert(instance)).host).toEqual(host);
  });

  it('refuses what is no alert', () => {
    const result = alertmanager.normalise(new TextEncoder().encode('{"status":"odd"}'), context);
    expect(result).toEqual({ reject: expect.stringContaining('labels.alertname') });
  });
});
