/** Our own rules on the collectors' samples: what the rules' cases assume of events is what the collectors make. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { collectors } from '../../collectors/index.ts';
import { type MatchLine, ownRulesFolder } from '../../detections/index.ts';
import { eventOf, recordsOf } from '../collector-contract.ts';
import { runMatch } from './command.ts';

const testdata = resolve(import.meta.dirname, '../../collectors/testdata');

/** By collector: sample record → titles, as a person who reads the sample would expect. */
const EXPECTED: Readonly<Record<string, Readonly<Record<number, readonly string[]>>>> = {
  'office-audit': {
    1: ['Entra sign-in accepted'],
    2: ['Entra sign-in refused'],
    3: ['Privileged Entra role given'],
    4: ['Mailbox rule that forwards mail', 'Mailbox rule that hides mail'],
    5: ['Full access to a mailbox given'],
    7: ['Mailbox read whole by somebody else'],
    10: ['Phishing or malware delivered'],
  },
  'entra-logs': {
    1: ['Entra sign-in accepted'],
    2: ['Entra sign-in refused'],
    3: ['Privileged Entra role given'],
    4: ['Entra application given new credentials'],
    6: ['Entra sign-in accepted'],
  },
  'dns-server': {
    3: ['DNS question refused'],
    4: ['DNS question refused'],
    5: ['DNS zone transferred whole'],
    6: ['DNS zone transfer refused'],
    7: ['DNS name that others rely on written'],
    8: ['DNS name deleted by update'],
    9: ['DNS update refused'],
    12: ['DNS name not found'],
    15: ['DNS name not found'],
  },
  'vmware-syslog': {
    2: ['Login to vSphere refused'],
    3: ['Permission of vSphere given or changed'],
    5: ['Virtual machine deleted'],
    6: ['Shell or SSH of an ESXi host switched on'],
    8: ['Login to vSphere refused'],
    9: ['Machines killed by a shell command of the host'],
  },
  'acos-syslog': {
    1: ['Web attack stopped by the load balancer'],
    3: ['Denial of service seen by the load balancer'],
    4: ['Load balancer service removed'],
    6: ['Administrator of a load balancer made or changed'],
    8: ['Load balancer login refused'],
  },
  netbackup: {
    1: ['Backup image expired or deleted'],
    2: ['Backup retention changed'],
    3: ['Backup access refused'],
    5: ['Catalogue of backups not saved'],
  },
};

describe('our own rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-samples-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(Object.keys(EXPECTED))(
    'find in the samples of %s what they describe, and nothing else',
    async (id) => {
      const collector = collectors.find((one) => one.id === id)!;
      const sample = readdirSync(join(testdata, id)).find((name) => name.startsWith('sample.'))!;
      const records = recordsOf(collector, readFileSync(join(testdata, id, sample), 'utf8'));
      const file = join(folder, `${id}.jsonl`);
      writeFileSync(file, records.map((record) => JSON.stringify(eventOf(collector, record))).join('\n'));
      const { lines } = await runMatch([file], { rules: [ownRulesFolder()] });
      const found: Record<number, string[]> = {};
      for (const line of lines.filter(Boolean)) {
        const { record, title } = JSON.parse(line) as MatchLine;
        found[record] = [...(found[record] ?? []), title].sort();
      }
      expect(found).toEqual(EXPECTED[id]);
    },
  );
});
