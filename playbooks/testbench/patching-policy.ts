/** The policies of the product with another `patching.yml`, in a folder that the test removes. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policiesFolder } from './bench.ts';

export interface PatchingPolicies {
  readonly policiesFolder: string;
  /** Only what is given; everything else is empty. */
  write(sections: Readonly<Record<string, string>>): void;
  remove(): void;
}

export function patchingPolicies(): PatchingPolicies {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-patching-'));
  cpSync(policiesFolder, folder, { recursive: true });
  const empty = {
    waves: '[]',
    health: '[]',
    clusters: '[]',
    keep_running: '[]',
    services: '{}',
    exemptions: '[]',
  };
  const write = (sections: Readonly<Record<string, string>>) => {
    const lines = Object.entries({ ...empty, ...sections }).map(([name, value]) => `${name}: ${value}\n`);
    const text = `source: a test\nsince: 2026-11-24\n${lines.join('')}raise: { open: high, exploited: critical }\n`;
    writeFileSync(join(folder, 'patching.yml'), text);
  };
  write({});
  return { policiesFolder: folder, write, remove: () => rmSync(folder, { recursive: true }) };
}
