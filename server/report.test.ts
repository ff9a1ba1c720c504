/** What health says of a source that listens for datagrams: those that were lost before anybody read them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSpool } from '../collectors/reading/spool.ts';
import { compose } from './compose.ts';
import { collect } from './roles/collect.ts';
import { readSettings } from './settings.ts';
import { spoolFolder } from './sources.ts';

it('shows the datagrams that were lost, where this process listens for them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-report-'));
  writeFileSync(join(folder, 'app.log'), '<38>1 2026-11-21T10:00:00Z app1 payd 7 - - a line\n');
  writeFileSync(
    join(folder, 'vigia.yml'),
    `state: state
sources:
  - { id: network, collector: linux-syslog, files: [app.log], listen: { udp: "127.0.0.1:0" } }
  - { id: file, collector: linux-syslog, files: [app.log] }
`,
  );
  const spool = await openSpool(spoolFolder(join(folder, 'state'), 'network'), { warn: () => undefined });
  const bytes = Buffer.from('<38>1 2026-11-21T10:00:00Z app1 payd 7 - - a datagram');
  spool.append({ bytes, receivedMs: Date.now(), peer: '192.0.2.7' });
  await spool.close();
  const parts = await compose(readSettings(join(folder, 'vigia.yml'), {}));
  try {
    await collect(parts, { signal: new AbortController().signal, until: 'end' });
    const lost = async () => {
      const { sources } = (await parts.report()) as { sources: { id: string; lost?: object }[] };
      return Object.fromEntries(sources.map((one) => [one.id, one.lost]));
    };
    expect(await lost()).toEqual({
      file: undefined,
      'network/app.log': undefined,
      'network/spool': undefined,
    });
    parts.metrics.count('vigia_udp_kernel_dropped_total', { source: 'network' }, 7);
    parts.metrics.count('vigia_spool_dropped_total', { source: 'network' }, 2);
    expect(await lost()).toMatchObject({ file: undefined, 'network/spool': { kernel: 7, spool: 2 } });
  } finally {
    await parts.close();
    rmSync(folder, { recursive: true });
  }
});
