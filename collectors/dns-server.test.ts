/** Name server logs against samples after each server's manual, and names a tunnel would write. */
import { describe, expect, it } from 'vitest';
import { eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { dnsServer } from './dns-server.ts';

const query = (name: string) =>
  eventOf(
    dnsServer,
    `04-Mar-2026 10:00:00.123 client @0x1 192.0.2.10#5 (${name}): query: ${name} IN A + (192.0.2.53)`,
  );

describe('dns-server', () => {
  keepsTheContract(dnsServer);

  it.each([
    ['a.b.example.com.pt', 'example.com.pt', 'a.b'],
    ['_ldap._tcp.dc._msdcs.example.test', 'example.test', '_ldap._tcp.dc._msdcs'],
    ['example.test', 'example.test', undefined],
    ['localhost', undefined, undefined],
  ])('finds the domain that somebody registered in %s', (name, domain, subdomain) => {
    const question = query(name).dns?.question;
    expect([question?.registered_domain, question?.subdomain]).toEqual([domain, subdomain]);
  });

  it('measures a name that carries data', () => {
    expect(query(`${'x'.repeat(60)}.t.example.test`).vigia?.['dns']).toMatchObject({
      ...{ name_bytes: 75, labels: 4, longest_label: 60 },
    });
  });

  it('reads times without zone in the zone of the source and says so', () => {
    expect(query('a.example.test')).toMatchObject({
      '@timestamp': '2026-03-04T09:00:00.123Z',
      vigia: { clock: ['assumed-zone'] },
    });
  });

  it('refuses other lines and says which it reads', () => {
    const result = dnsServer.normalise(new TextEncoder().encode('Message logging key'), {
      ...{ source: 's', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0 },
    });
    expect(result).toEqual({ reject: expect.stringContaining('BIND 9') });
  });
});
