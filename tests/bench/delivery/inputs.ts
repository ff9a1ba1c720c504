/** What bench `delivery` reads: files of as many records as wanted, in the form of a source that a collector knows. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { matchInputs } from '../match-inputs.ts';

export const INPUTS = {
  syslog: { collector: 'linux-syslog', lines: syslogLines },
  audit: { collector: 'samba-audit', lines: auditLines },
  unique: { collector: 'windows-forwarded', lines: uniqueLines },
} as const;
export type InputName = keyof typeof INPUTS;

/** Writes `count` records, one a line; gives their mean size in bytes. */
export async function writeInput(name: InputName, count: number, file: string): Promise<number> {
  const out = createWriteStream(file);
  let bytes = 0;
  let part = '';
  const flush = async () => {
    bytes += Buffer.byteLength(part);
    if (!out.write(part)) await once(out, 'drain');
    part = '';
  };
  for await (const line of INPUTS[name].lines(count)) {
    part += `${line}\n`;
    if (part.length > 1_000_000) await flush();
  }
  await flush();
  out.end();
  await once(out, 'finish');
  return Math.round(bytes / count);
}

/** A million seconds from here are one partition, and past. */
const START_MS = Date.parse('2026-11-01T00:00:00Z');
const timeOf = (n: number) => new Date(START_MS + n * 1_000).toISOString();

function* syslogLines(count: number): Generator<string> {
  for (let n = 0; n < count; n++)
    yield `<38>1 ${timeOf(n)} app${n % 20} payd ${(n % 900) + 100} - - benefit ${n} calculated in ${n % 1_000} ms`;
}

/** Logons as a Samba domain controller audits them: about 800 bytes of JSON, every one another. */
function* auditLines(count: number): Generator<string> {
  for (let n = 0; n < count; n++) {
    const name = `user${(n * 7_919) % 40_000}`;
    const failed = n % 50 === 0;
    const body = {
      version: { major: 1, minor: 2 },
      eventId: failed ? 4625 : 4624,
      logonId: (n * 2_654_435_761).toString(16).padStart(16, '0').slice(-16),
      logonType: 3,
      status: failed ? 'NT_STATUS_WRONG_PASSWORD' : 'NT_STATUS_OK',
      localAddress: 'ipv4:192.0.2.10:389',
      remoteAddress: `ipv4:198.51.${(n >> 8) % 256}.${n % 256}:${20_000 + (n % 40_000)}`,
      serviceDescription: n % 3 === 0 ? 'LDAP' : 'Kerberos KDC',
      authDescription: n % 3 === 0 ? 'simple bind/TLS' : 'ENC-TS Pre-authentication',
      clientDomain: null,
      clientAccount: `${name}@EXAMPLE.TEST`,
      workstation: `WS${n % 5_000}`,
      becameAccount: failed ? null : name,
      becameDomain: failed ? null : 'EXAMPLE',
      becameSid: `S-1-5-21-1847153087-2981419781-3851667000-${1_000 + (n % 40_000)}`,
      mappedAccount: name,
      mappedDomain: 'EXAMPLE',
      netlogonComputer: null,
      netlogonTrustAccount: null,
      netlogonNegotiateFlags: '0x00000000',
      netlogonSecureChannelType: 0,
      passwordType: 'aes256-cts-hmac-sha1-96',
      duration: 5_000 + (n % 3_000),
    };
    const timestamp = timeOf(n).replace('Z', '000+0000');
    yield JSON.stringify({ timestamp, type: 'Authentication', Authentication: body });
  }
}

/** Sysmon process creations of the corpus, no two texts alike, as Winlogbeat writes them; from the beginning again when they end. */
async function* uniqueLines(count: number): AsyncGenerator<string> {
  const { path } = (await matchInputs(() => undefined)).find(({ name }) => name === 'unique')!;
  for (let n = 0; n < count; ) {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (n++ >= count) return;
      yield JSON.stringify(asWinlogbeat(JSON.parse(line) as Record<string, unknown>));
    }
  }
}

const SYSTEM = new Set(
  'EventID Channel Computer Provider_Name Provider_Guid TimeCreated_SystemTime EventRecordID product category service'.split(
    ' ',
  ),
);

const asWinlogbeat = (record: Record<string, unknown>): object => ({
  '@timestamp': `${String(record['TimeCreated_SystemTime']).slice(0, 23)}Z`,
  winlog: {
    channel: record['Channel'],
    event_id: String(record['EventID']),
    computer_name: record['Computer'],
    provider_name: record['Provider_Name'],
    provider_guid: record['Provider_Guid'],
    record_id: String(record['EventRecordID']),
    event_data: Object.fromEntries(
      Object.entries(record).flatMap(([key, value]) => (SYSTEM.has(key) ? [] : [[key, String(value)]])),
    ),
  },
});
