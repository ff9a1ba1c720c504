/** Oracle's listener and alert logs in both forms, after the shapes of Oracle's documentation. */
import { describe, expect, it } from 'vitest';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { Collector } from './collector.ts';
import { oracleAlert } from './oracle-alert.ts';
import { oracleListener } from './oracle-listener.ts';
import { lineCutter } from './reading/lines.ts';

const context = { source: 'pay', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0, host: 'pay1' };
const bytes = (text: string) => new TextEncoder().encode(text);

function eventsOf(one: Collector, text: string) {
  if (one.framing.kind !== 'lines') throw new Error('no lines');
  const cutter = lineCutter(0, 1_048_576, one.framing);
  return [...cutter.push(bytes(text)), ...cutter.end()].map(({ raw }) => {
    const made = one.normalise(raw, context);
    if ('reject' in made) throw new Error(made.reject);
    return made.event;
  });
}

const CONNECT =
  '(CONNECT_DATA=(SERVICE_NAME=PAY)(CID=(PROGRAM=sqlplus)(HOST=ws9)(USER=mcosta))) * (ADDRESS=(PROTOCOL=tcp)(HOST=192.0.2.21)(PORT=40021)) * establish * PAY';

describe('oracle-listener', () => {
  const LOG = `04-MAR-2026 10:00:00 * ${CONNECT} * 0
04-MAR-2026 10:00:01 * ${CONNECT} * 12514
TNS-12514: TNS:listener does not currently know of service requested in connect descriptor
04-MAR-2026 10:00:02 * (CONNECT_DATA=(CID=(PROGRAM=)(HOST=pay1)(USER=oracle))(COMMAND=stop)(ARGUMENTS=64)) * stop * 0
04-MAR-2026 10:00:03 * service_update * PAY * 0
<msg time='2026-03-04T10:00:04.500+00:00' org_id='oracle' comp_id='tnslsnr' type='UNKNOWN' level='16' host_id='pay1' host_addr='192.0.2.30'>
 <txt>04-MAR-2026 10:00:04 * ${CONNECT} * 0
 </txt>
</msg>
`;
  it('reads connections, refusals and commands, as text and as XML', () => {
    expect(
      eventsOf(oracleListener, LOG).map((one) => [one['@timestamp'], one.event.action, one.event.outcome]),
    ).toEqual([
      ['2026-03-04T10:00:00.000Z', 'connection-received', 'success'],
      ['2026-03-04T10:00:01.000Z', 'connection-received', 'failure'],
      ['2026-03-04T10:00:02.000Z', 'listener-stop', 'success'],
      ['2026-03-04T10:00:03.000Z', 'listener-service-update', 'success'],
      ['2026-03-04T10:00:04.500Z', 'connection-received', 'success'],
    ]);
  });

  it('names address, program and service of a client, and the reason of a refusal', () => {
    const [first, second] = eventsOf(oracleListener, LOG);
    expect(first).toMatchObject({
      source: { address: '192.0.2.21', ip: '192.0.2.21', port: 40_021 },
      vigia: {
        clock: ['assumed-zone'],
        oracle: { os_user: 'mcosta', program: 'sqlplus', client_host: 'ws9', service: 'PAY' },
      },
    });
    expect(second!.event).toMatchObject({
      code: '12514',
      reason: expect.stringContaining('does not currently know'),
    });
  });

  it('refuses a line that begins with no time', () => {
    expect(oracleListener.normalise(bytes('TNSLSNR for Linux'), context)).toHaveProperty('reject');
  });
});

describe('oracle-alert', () => {
  const LOG = `2026-03-04T10:00:00.123456+00:00
Starting ORACLE instance (normal) (OS id: 77)
2026-03-04T10:00:01.000000+00:00
ALTER SYSTEM SET audit_trail='NONE' SCOPE=SPFILE;
Wed Mar 04 10:00:02 2026
Errors in file /u01/pay_ora_7.trc:
ORA-00600: internal error code, arguments: [1]
ORA-01578: ORACLE data block corrupted
<msg time='2026-03-04T10:00:03.000+00:00' org_id='oracle' comp_id='rdbms' type='INCIDENT_ERROR' level='1' host_id='pay2'>
 <txt>ORA-00257: archiver error. &lt;x&gt;
 </txt>
</msg>
`;
  it('reads starts, parameters and errors, as text and as XML', () => {
    const events = eventsOf(oracleAlert, LOG);
    expect(events.map((one) => [one['@timestamp'], one.event.action, one.event.code])).toEqual([
      ['2026-03-04T10:00:00.123Z', 'server-started', undefined],
      ['2026-03-04T10:00:01.000Z', 'alter-system', undefined],
      ['2026-03-04T10:00:02.000Z', 'database-error', 'ORA-00600'],
      ['2026-03-04T10:00:03.000Z', 'database-error', 'ORA-00257'],
    ]);
    expect(events[1]!.vigia?.['oracle']).toMatchObject({ settings: ['audit_trail=none'] });
    expect(events[2]!.vigia).toMatchObject({
      clock: ['assumed-zone'],
      oracle: { errors: ['ORA-00600', 'ORA-01578'] },
    });
    expect(events[3]).toMatchObject({ host: { name: 'pay2' }, message: 'ORA-00257: archiver error. <x>' });
  });

  it('hides a password, and refuses a message without time', () => {
    const record = '2026-03-04T10:00:00.1+00:00\nALTER DATABASE x IDENTIFIED BY "Pl4nted"';
    expect(JSON.stringify(eventsOf(oracleAlert, record))).not.toContain('Pl4nted');
    expect(oracleAlert.normalise(bytes('ORA-00600'), context)).toHaveProperty('reject');
  });

  it.skipIf(!hasEcsReference())('conforms to ECS', () => {
    const problemsOf = ecsProblems();
    const listener = `04-MAR-2026 10:00:00 * ${CONNECT} * 0\n04-MAR-2026 10:00:01 * ${CONNECT} * 12514\n04-MAR-2026 10:00:03 * service_update * PAY * 0\n`;
    for (const event of [...eventsOf(oracleAlert, LOG), ...eventsOf(oracleListener, listener)])
      expect(problemsOf(event)).toEqual([]);
  });
});
