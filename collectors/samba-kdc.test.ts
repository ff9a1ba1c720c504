/** The Samba Kerberos log collector against recorded lines, the whole recorded file and hostile names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { lineCutter } from './reading/lines.ts';
import { sambaKdc } from './samba-kdc.ts';

const context: NormaliseContext = { source: 'dc1', anchor: '2026-11-21T00:00:00Z', zoneMinutes: 60 };
const testdata = (name: string) => join(import.meta.dirname, 'testdata', 'samba-kdc', name);

function eventOf(raw: Uint8Array) {
  const result = sambaKdc.normalise(raw, context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}

function records(file: Uint8Array) {
  const cutter = lineCutter(0, 1_048_576, sambaKdc.framing);
  return [...cutter.push(file), ...cutter.end()];
}

const line = (text: string) =>
  eventOf(
    new TextEncoder().encode(
      `[2026/11/21 19:54:43.747306,  3] ../../source4/auth/kerberos/x.c:90(f)\n  Kerberos: ${text}`,
    ),
  );
const kdcOf = (text: string) => line(text).vigia?.['samba'];

describe('samba-kdc', () => {
  it('reads the recorded lines as written down', () => {
    const events = records(readFileSync(testdata('lines.log'))).map((record) => {
      const { event, ...rest } = eventOf(record.raw);
      const { original, ...kept } = event;
      expect(original).toContain('Kerberos: ');
      return { event: kept, ...rest };
    });
    expect(events).toEqual(JSON.parse(readFileSync(testdata('expected.json'), 'utf8')));
  });

  it('tells the encryption type of a service ticket from that of the reply', () => {
    expect(
      kdcOf('TGS-REQ SUCCESS ipv4:10.1.1.9:4 eve@A.TEST HTTP/web@A.TEST etype=18/23 etypes=23'),
    ).toMatchObject({
      kdc: { reply_etype: 18, ticket_etype: 23, client_etypes: [23], service: 'HTTP/web' },
    });
  });

  it('says when a first ticket was given without pre-authentication', () => {
    expect(kdcOf('AS-REQ SUCCESS ipv4:10.1.1.9:4 eve@A.TEST krbtgt/A.TEST@A.TEST etype=23/18')).toMatchObject(
      {
        kdc: { preauthentication: 'none' },
      },
    );
  });

  it('counts a demand for pre-authentication as no failure', () => {
    const event = line(
      'AS-REQ ERR_PREAUTH_REQUIRED ipv4:10.1.1.9:4 eve@A.TEST krbtgt/A.TEST@A.TEST elapsed=0.1',
    );
    expect(event.event).toMatchObject({ outcome: 'unknown', type: ['info'] });
  });

  it('reads addresses of both families', () => {
    expect(line('AS-REQ eve@A.TEST from ipv6:fd77::66:4444 for krbtgt/A.TEST@A.TEST').source).toEqual({
      address: 'fd77::66',
      ip: 'fd77::66',
      port: 4444,
    });
  });

  it('is not led astray by a client name that imitates the rest of the line', () => {
    const event = line(
      String.raw`AS-REQ SUCCESS ipv4:10.1.1.9:4 eve\ from\ ipv4:1.2.3.4:5@A.TEST krbtgt/A.TEST@A.TEST pa=ENC-TS`,
    );
    expect(event.source?.ip).toBe('10.1.1.9');
    expect(event.user?.domain).toBe('A.TEST');
  });

  it('keeps an endless line in bounds of time', () => {
    expect(line(`AS-REQ ${'\\ '.repeat(400_000)}`).event.dataset).toBe('samba.kdc');
    expect(line(`TGS-REQ SUCCESS ipv4:1.1.1.1:1 ${'a'.repeat(900_000)}`).event.action).toBe(
      'kerberos-message',
    );
  });

  it.skipIf(!hasCorpus('samples', 'samba-ad') || !hasEcsReference())(
    'makes a conforming event of every record of the recorded file',
    () => {
      const problemsOf = ecsProblems();
      const found = records(readFileSync(corpusPath('samples', 'samba-ad', 'kdc-text.log')));
      expect(found).toHaveLength(185);
      for (const record of found) {
        const event = eventOf(record.raw);
        expect(problemsOf(event), `at ${record.position}`).toEqual([]);
        expect(event.event.dataset).toBe('samba.kdc');
        expect(event['@timestamp']).toMatch(/^2026-11-21T18:54:/);
      }
    },
  );
});
