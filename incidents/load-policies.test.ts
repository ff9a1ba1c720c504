import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadIncidentPolicies } from './load-policies.ts';

it('lists every mistake of all policy files with its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vigia-policies-'));
  try {
    for (const name of ['entity', 'clocks']) await cp(`policies/${name}.yml`, join(folder, `${name}.yml`));
    const severity = await readFile('policies/severity.yml', 'utf8');
    await writeFile(join(folder, 'severity.yml'), severity.replace('assets: []', 'asets: []'));
    const entity = await readFile(join(folder, 'entity.yml'), 'utf8');
    await writeFile(join(folder, 'entity.yml'), entity.replace('- 127.0.0.0/8', '- 127.0.0.0/99'));
    const clocks = await readFile(join(folder, 'clocks.yml'), 'utf8');
    await writeFile(
      join(folder, 'clocks.yml'),
      clocks
        .replace('zone: Europe/Lisbon', 'zone: Europe/Lisboa')
        .replace('sent: end-of-impact', 'sent: end-of-world'),
    );
    const problem = await loadIncidentPolicies(folder).catch((error: Error) => error.message);
    expect(problem).toContain('grouping.yml cannot be read');
    expect(problem).toMatch(/severity\.yml:\d+:1 unknown key "asets"; did you mean "assets"/);
    expect(problem).toMatch(/entity\.yml:\d+:\d+ .*127\.0\.0\.0\/99/);
    expect(problem).toMatch(/clocks\.yml:\d+:\d+ .*Europe\/Lisboa/);
    expect(problem).toMatch(/clocks\.yml:\d+:\d+ .*end-of-world/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
