import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { allCommands } from '../cli/commands/index.ts';
import { alertRulesYaml } from '../dashboards/alert-rules.ts';
import { pages } from '../docs/generate.ts';
import { actions, loadFlows, loadPolicies } from '../playbooks/index.ts';
import { readSettings } from '../server/settings.ts';
import { proofs } from './proofs/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Pages whose YAML is no settings file; a test of their own reads each. */
const OTHER_EXAMPLES = ['docs/playbooks.md', 'docs/patching.md'];

/** Fenced blocks of one language. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, body]) => body!);

describe('the generated pages', async () => {
  it.each([...(await pages())])(
    '%s is what the code says (else: sh bin/node docs/generate.ts)',
    (name, content) => {
      expect(read(`docs/${name}`)).toBe(content);
    },
  );

  it('list the routes of every file that has some', () => {
    const folder = join(ROOT, 'server/api');
    const files = readdirSync(folder).filter((name) =>
      /^export const \w+Routes = /m.test(readFileSync(join(folder, name), 'utf8')),
    );
    const listed = read('server/api/routes.ts');
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((name) => !listed.includes(`./${name}'`))).toEqual([]);
  });
});

describe('settings examples', () => {
  it('are accepted', () => {
    expect(readSettings(join(ROOT, 'deploy/vigia.yml'), {}).sources).toHaveLength(7);
    const examples = PAGES.filter((page) => !OTHER_EXAMPLES.includes(page)).flatMap((page) =>
      blocks(read(page), 'yaml'),
    );
    expect(examples.length).toBeGreaterThan(0);
    const folder = mkdtempSync(join(tmpdir(), 'vigia-docs-'));
    try {
      for (const example of examples) {
        writeFileSync(join(folder, 'vigia.yml'), example);
        expect(() => readSettings(join(folder, 'vigia.yml'), {})).not.toThrow();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('show in the operator guide the file that is deployed', () => {
    expect(blocks(read('docs/operate.md'), 'yaml')[0]).toBe(read('deploy/vigia.yml'));
  });
});

describe('the pages', () => {
  it.each(PAGES)('%s names only commands and options that exist', (page) => {
    const text = read(page);
    const said = [
      ...blocks(text, 'sh')
        .join('')
        .matchAll(/(?:^|\$\(|&& |bin\/|-u vigia )vigia ([a-z][^\n|)&#]*)/gm),
      ...text.matchAll(/`(?:[A-Z_]+=\S+ )?vigia ([a-z-]+[^`]*)`/g),
    ];
    const wrong = said.map(([, line]) => line!.trim()).filter((line) => !isCommand(line));
    expect(wrong).toEqual([]);
  });

  it.each(PAGES)('%s links only to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#:]*)(?:#([\w-]+))?\)/g)];
    const broken = links.filter(([, target]) => !existsSync(placeOf(page, target!))).map(([whole]) => whole);
    expect(broken).toEqual([]);
    for (const [, target, anchor] of links) {
      if (anchor === undefined) continue;
      const headings = [...readFileSync(placeOf(page, target!), 'utf8').matchAll(/^#+ (.*)$/gm)].map(
        ([, heading]) => heading!.toLowerCase().replaceAll(' ', '-'),
      );
      expect(headings).toContain(anchor);
    }
  });

  it('name only files of the code that are there', () => {
    const named = [...read('docs/words.md').matchAll(/`([a-z-]+\/[\w./-]*)`/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

const commands = await allCommands();

/** What a link of a page means; without a file, the page itself. */
const placeOf = (page: string, target: string): string =>
  target === '' ? join(ROOT, page) : join(ROOT, dirname(page), target);

/** `runs skip RUN-1 --step 3`: the longest known name that the line begins with, then its options. */
function isCommand(line: string): boolean {
  const known = commands
    .filter(({ name }) => line === name || line.startsWith(`${name} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
  // `vigia rules` stands for all of its commands.
  if (!known) return !line.includes(' ') && commands.some(({ name }) => name.startsWith(`${line} `));
  const flags = (known.options ?? []).map(({ flags: text }) => /--[a-z-]+/.exec(text)?.[0]);
  return [...line.matchAll(/(?<= )--[a-z-]+/g)].every(([flag]) =>
    ['--json', '--config', '--url', '--help', ...flags].includes(flag),
  );
}

describe('the guarantees', () => {
  const text = read('docs/guarantees.md');

  it('quote tests that are there', () => {
    const lists = [...text.matchAll(/`([\w./-]+\.ts)`: (“[^”]+”(?:,\s+“[^”]+”)*)/g)];
    const quotes = lists.flatMap(([, file, list]) =>
      [...list!.matchAll(/“([^”]+)”/g)].map(([, quote]) => ({ file: file!, quote: quote! })),
    );
    expect(quotes.length).toBeGreaterThan(25);
    expect(quotes.filter(({ file, quote }) => !read(file).includes(quote))).toEqual([]);
    expect([...text.matchAll(/“/g)]).toHaveLength(quotes.length);
  });

  it('name proofs that are there', () => {
    const named = [...text.matchAll(/npm run proof -- ([a-z-]+)/g)].map(([, name]) => name!);
    expect([...new Set(named)].sort()).toEqual(Object.keys(proofs).sort());
  });
});

describe('what is deployed', () => {
  it('is scraped under the name that the alert rules look for', () => {
    const jobs = (
      parse(read('deploy/prometheus.yml')) as { scrape_configs: { job_name: string }[] }
    ).scrape_configs.map(({ job_name }) => job_name);
    const asked = [...alertRulesYaml().matchAll(/job="(\w+)"/g)].map(([, job]) => job);
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked)).toEqual(new Set(jobs));
  });

  it('starts commands that exist, and writes only where the settings say', () => {
    const unit = read('deploy/vigia.service');
    const started = [...unit.matchAll(/^Exec\w+=\/opt\/vigia\/bin\/vigia (.*)$/gm)].map(([, line]) => line!);
    expect(started.map(isCommand)).toEqual([true, true]);
    const folder = /^StateDirectory=(.*)$/m.exec(unit)?.[1];
    expect(relative('/var/lib', readSettings(join(ROOT, 'deploy/vigia.yml'), {}).state)).toBe(folder);
  });
});

describe('the example of docs/playbooks.md', () => {
  it('is a flow without mistakes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-docs-'));
    writeFileSync(join(folder, 'example.yml'), blocks(read('docs/playbooks.md'), 'yaml')[0]!);
    try {
      const windows = loadPolicies(join(ROOT, 'policies')).windows.windows.map(({ id }) => id);
      expect([...loadFlows(folder, actions, windows).keys()]).toEqual(['night-lockdown']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the example of docs/patching.md', () => {
  it('is accepted', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-docs-'));
    try {
      cpSync(join(ROOT, 'policies'), folder, { recursive: true });
      const file = join(folder, 'patching.yml');
      const example = parse(blocks(read('docs/patching.md'), 'yaml')[0]!);
      writeFileSync(file, JSON.stringify({ ...parse(readFileSync(file, 'utf8')), ...example }));
      expect(loadPolicies(folder).patching.waves.map(({ id }) => id)).toEqual(['web']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
