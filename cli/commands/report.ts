/** `vigia report TYPE INCIDENT`: exports for the liaison. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../../core/errors.ts';
import { command } from '../command.ts';

export const report = command({
  name: 'report',
  arguments: '<type> [incident...]',
  options: [
    { flags: '--format <format>', summary: 'pdf or json', default: 'pdf' },
    { flags: '--lang <lang>', summary: 'pt; the notification is a Portuguese document', default: 'pt' },
    {
      flags: '--tlp <label>',
      summary: 'TLP:RED, TLP:AMBER+STRICT, TLP:AMBER, TLP:GREEN or TLP:CLEAR',
      default: 'TLP:AMBER',
    },
    { flags: '--out <folder>', summary: 'where to write', default: '.' },
  ],
  example: 'vigia report initial-notification INC-2026-000001 --format pdf --out reports',
  async run([type, ...incidents], options, context) {
    if (incidents.length === 0)
      throw errors.usage('name at least one incident', 'see "vigia incidents list"');
    if (options['lang'] !== 'pt')
      throw errors.usage(`${type} is written in Portuguese only`, 'leave out --lang');
    const api = await context.api();
    const query = new URLSearchParams({ format: String(options['format']), tlp: String(options['tlp']) });
    const out = String(options['out']);
    await mkdir(out, { recursive: true, mode: 0o700 });
    const written: string[] = [];
    for (const incident of incidents) {
      const { name, content } = await api.bytes(
        `/api/v1/reports/${encodeURIComponent(type!)}/${encodeURIComponent(incident)}?${query}`,
      );
      const path = join(out, name);
      // A reader never sees half a document.
      await writeFile(`${path}.part`, content, { mode: 0o600 });
      await rename(`${path}.part`, path);
      written.push(path);
    }
    return { data: { reports: written }, text: written.join('\n') };
  },
});
