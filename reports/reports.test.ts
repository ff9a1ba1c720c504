import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert, Incident } from '../core/documents.ts';
import { needInstalled } from '../tests/testbed/need.ts';
import {
  type Answers,
  type Format,
  parseAnswers,
  parseTlp,
  REPORTS,
  type ReportDocument,
  type ReportSettings,
  type Tlp,
  write,
} from './index.ts';
import { printable } from './printable.ts';
import { CLASSES } from './taxonomy.ts';

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'vigia-reports-'));
});
afterEach(async () => {
  await rm(out, { recursive: true });
});

const HOSTILE = 'rule \u001b[2K \u202egpj.exe \u0000 <script> "{}" \ud83d\ude00 \u2028 end';
const alertOf = (id: number, more: Partial<Alert['rule']> = {}): Alert => ({
  id: `a${id}`,
  kind: 'event',
  rule: { id: `r${id}`, title: `Rule ${id}`, level: 'high', hash: 'h', tags: [], ...more },
  from: '2026-11-21T18:10:00.000Z',
  to: '2026-11-21T18:12:00.000Z',
  created: '2026-11-21T18:13:00.000Z',
  events: [`e${id}`],
  eventCount: 3,
  datasets: ['samba.audit'],
  entities: [
    { type: 'user', name: 'SECRET.NAME' },
    { type: 'host', name: 'dc-01' },
  ],
  state: 'open',
  history: [],
});
const incident: Incident = {
  id: 'i',
  number: 'INC-2026-000412',
  title: 'DCSync: SECRET.NAME',
  severity: 'critical',
  state: 'acknowledged',
  created: '2026-07-21T18:20:00.000Z',
  from: '2026-07-21T18:10:00.000Z',
  to: '2026-11-21T18:12:00.000Z',
  entities: [],
  keys: [],
  alertCount: 1,
  eventCount: 3,
  tags: [],
  notes: [],
  history: [],
};
const settings: ReportSettings = {
  zone: 'Europe/Lisbon',
  entity: { name: 'Instituto de Teste, I. P.', nif: '500000000' },
  permanentContact: { name: 'SOC', phone: '+351 210 000 000', email: 'soc@instituto.example' },
};
const complete: Answers = {
  started_at: '2026-11-21T17:55:00Z',
  description: 'Cópia de credenciais do diretório.',
  cause_category: 'malicious_attack',
  effects: [{ class: 'intrusions', type: 'privileged-account-compromise' }],
  impact: {
    users_affected: 0,
    duration: '50 minutos',
    geography: 'Portugal',
    cross_border: true,
    countries: ['ES'],
  },
};
interface Given {
  format?: Format;
  alerts?: Alert[];
  answers?: Answers;
  settings?: ReportSettings;
  tlp?: Tlp;
  incident?: Incident;
}
const make = ({ format = 'json', ...given }: Given = {}) =>
  write({
    type: 'initial-notification',
    incident,
    alerts: [alertOf(1)],
    settings,
    lang: 'pt',
    tlp: 'TLP:AMBER',
    now: Date.parse('2026-11-21T19:04:00Z'),
    out,
    format,
    ...given,
  });
const json = async (given: Given = {}) =>
  JSON.parse(await readFile((await make(given))[0]!, 'utf8')) as ReportDocument & { format: string };
const fields = (document: ReportDocument) =>
  new Map(document.sections.flatMap((section) => section.fields.map((field) => [field.key, field])));

describe('the initial notification to CNCS', () => {
  it('lists what is missing and invents nothing', async () => {
    const document = await json();
    expect(document.missing).toEqual({
      mandatory: ['cause_category', 'effects'],
      ifKnown: ['impact.users_affected', 'impact.duration', 'impact.geography', 'impact.cross_border'],
    });
    expect(
      [...fields(document).values()].filter(({ value }) => value === null).map(({ text }) => text),
    ).toEqual(['', '', '', '', '', '', '', '']);
    const empty = await json({ settings: { zone: 'Europe/Lisbon' }, alerts: [] });
    expect(empty.missing.mandatory).toEqual([
      'entity_name',
      'entity_nif',
      'representative.name',
      'representative.phone',
      'representative.email',
      'description',
      'cause_category',
      'effects',
    ]);
  });

  it('is complete with what people answered, a zero included', async () => {
    const document = await json({ answers: complete });
    expect(document.missing).toEqual({ mandatory: [], ifKnown: [] });
    const all = fields(document);
    expect(all.get('impact.users_affected')).toMatchObject({ value: 0, text: '0', origin: 'person' });
    expect(all.get('impact.cross_border')!.text).toBe('Sim: ES');
    expect(all.get('effects')!.text).toBe(
      'Intrusão – Compromisso de Conta Privilegiada [rsit:intrusions="privileged-account-compromise"]',
    );
    expect(all.get('started_at')!.text).toBe('21/11/2026 17:55:00 (UTC+00:00)');
    expect(all.has('detected_at')).toBe(false);
  });

  it('reports detection where the start is not established, labelled as such and in local time', async () => {
    const field = fields(await json()).get('detected_at')!;
    expect(field).toMatchObject({
      label: 'Data e hora da deteção do incidente',
      text: '21/07/2026 19:20:00 (UTC+01:00)',
    });
    expect(field.note).toContain('primeiro evento registado: 21/07/2026 19:10:00');
  });

  it('cites the article beside every field', async () => {
    for (const field of fields(await json({ answers: complete })).values()) {
      expect(field.source, field.key).toMatch(
        /^(RJC, art\. (35|42)\.º, n\.º \d|CNCS, CS DOC\.005$|Registo da entidade$)/,
      );
    }
  });

  it('names no person, neither from titles nor from entities', async () => {
    const document = await json();
    expect(JSON.stringify(document)).not.toContain('SECRET');
    expect(document.evidence.intro).toContain('1 conta, 1 sistema');
  });

  it('says how many alerts there are when the annex shows fewer', async () => {
    const document = await json({ alerts: Array.from({ length: 75 }, (_, index) => alertOf(index)) });
    expect(document.evidence.total).toBe(75);
    expect(document.evidence.rows).toHaveLength(60);
    expect(document.evidence.intro).toContain('75 alertas; mostrados os 60 mais graves');
  });

  it('names author, file and id of each rule, as the Detection Rule License asks', async () => {
    const document = await json({ alerts: [alertOf(1, { author: 'Somebody Else', path: 'linux/x.yml' })] });
    expect(document.evidence.rows[0]!.slice(0, 2)).toEqual(['Rule 1', 'Somebody Else; linux/x.yml; r1']);
  });

  it('leaves withdrawn alerts out', async () => {
    const document = await json({ alerts: [alertOf(1), { ...alertOf(2), state: 'withdrawn' }] });
    expect(document.evidence.total).toBe(1);
    expect(fields(document).get('description')!.text).toContain('1 alerta sobre 3 eventos');
  });
});

describe('hostile text', () => {
  it('shows in JSON as escapes and reads back the same', async () => {
    const [path] = await make({ alerts: [alertOf(1, { title: HOSTILE })] });
    const text = await readFile(path!, 'utf8');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
    expect((JSON.parse(text) as ReportDocument).evidence.rows[0]![0]).toBe(HOSTILE);
  });

  it('shows on paper as code points that the font can draw', () => {
    expect(printable(HOSTILE)).toBe('rule ‹001B›[2K ‹202E›gpj.exe ‹0000› <script> "{}" ‹1F600› ‹2028› end');
    expect(printable('a\nb')).toBe('a‹000A›b');
    expect(printable('abcdef', { limit: 3 })).toBe('abc‹…›');
    expect(printable('a\r\nb\u007f', { lines: true })).toBe('a\nb‹007F›');
    expect(printable('Ação «ç» – €')).toBe('Ação «ç» – €');
  });

  it.each(['../../etc/x', 'INC-2026-1/../../x', 'INC-2026-000412\u0000'])(
    'cannot choose the file: %j',
    async (number) => {
      await expect(make({ incident: { ...incident, number } })).rejects.toThrow(/no incident number/);
    },
  );
});

describe('the file', () => {
  it('is readable by its owner only, replaced whole, with nothing left beside it', async () => {
    for (const format of ['pdf', 'json', 'pdf'] as const) {
      const [path] = await make({ format });
      expect((await stat(path!)).mode & 0o777).toBe(0o600);
      await chmod(path!, 0o644);
      await writeFile(path!, 'older');
      await make({ format });
      expect((await stat(path!)).mode & 0o777).toBe(0o600);
      expect(await readFile(path!, 'latin1')).not.toContain('older');
    }
    expect((await readdir(out)).sort()).toEqual([
      'INC-2026-000412-notificacao-inicial.json',
      'INC-2026-000412-notificacao-inicial.pdf',
    ]);
  });

  it('leaves what was there, and nothing else, when it cannot be written', async () => {
    await mkdir(join(out, 'INC-2026-000412-notificacao-inicial.json'));
    await expect(make()).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('cannot be written'),
    });
    expect(await readdir(out)).toEqual(['INC-2026-000412-notificacao-inicial.json']);
  });

  it('is the same for the same data at the same time', async () => {
    const [path] = await make({ format: 'pdf' });
    const first = await readFile(path!);
    await make({ format: 'pdf' });
    expect((await readFile(path!)).equals(first)).toBe(true);
  });

  it.each([
    [{ format: 'csv' as Format }, /no format "csv"/],
    [{ type: 'final-report' }, /no report "final-report"/],
  ])('is refused for %j', async (given, message) => {
    const request = {
      type: 'initial-notification',
      incident,
      alerts: [],
      settings,
      lang: 'pt' as const,
      tlp: 'TLP:RED' as const,
      now: 0,
      out,
      format: 'pdf' as const,
    };
    await expect(write({ ...request, ...given })).rejects.toThrow(message);
  });
});

const poppler = await needInstalled('poppler');
poppler.describe('the PDF', () => {
  const textOf = (path: string) =>
    execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).split('\f').slice(0, -1);

  it('carries the marking twice and the page number on every page', async () => {
    const [path] = await make({
      format: 'pdf',
      tlp: 'TLP:AMBER+STRICT',
      alerts: Array.from({ length: 75 }, (_, index) => alertOf(index)),
    });
    const pages = textOf(path!);
    expect(pages.length).toBeGreaterThan(2);
    for (const [index, page] of pages.entries()) {
      expect(page.match(/TLP:AMBER\+STRICT/g)!.length).toBeGreaterThanOrEqual(2);
      expect(page).toContain(`Página ${index + 1} de ${pages.length}`);
      expect(page).toContain('INC-2026-000412');
    }
  });

  it('shows every field with its article, and the missing ones as missing', async () => {
    const [path] = await make({ format: 'pdf', alerts: [alertOf(1, { title: HOSTILE })] });
    const text = textOf(path!).join(' ').replace(/\s+/g, ' ');
    expect(text).toContain('RASCUNHO: não submeter antes de completar');
    expect(text).toContain('Por preencher, obrigatórios (2): Categoria da causa; Efeitos produzidos');
    expect(text.match(/Por preencher(?!,)/g)).toHaveLength(8);
    expect(text).toContain('RJC, art. 42.º, n.º 2, al. b)');
    expect(text).toContain('‹001B›[2K ‹202E›gpj.exe');
    expect(text).not.toContain('SECRET');
  });

  it('cuts nothing off, however long a text or a word is', async () => {
    const answers = {
      ...complete,
      description: 'palavra '.repeat(1_000),
      other_information: 'W'.repeat(8_000),
    };
    const [path] = await make({ format: 'pdf', answers, alerts: [alertOf(1, { title: 'Z'.repeat(290) })] });
    const text = textOf(path!).join(' ');
    expect(text.match(/palavra/g)).toHaveLength(1_000);
    expect(text.match(/W/g)).toHaveLength(8_000);
    expect(text.match(/Z/g)).toHaveLength(290);
  });

  it('has no draft mark once everything mandatory is there', async () => {
    const [path] = await make({ format: 'pdf', answers: complete });
    const text = textOf(path!).join(' ');
    expect(text).not.toContain('RASCUNHO');
    expect(text).toContain('Todos os campos obrigatórios estão preenchidos.');
  });
});

describe('answers', () => {
  it('lists every mistake with its place', () => {
    const content = 'cause_category: hacker\nimpact:\n  users_affected: -1\n  usrs: 3\n';
    expect(() => parseAnswers(content, 'answers.yml')).toThrow(
      /answers\.yml:1:1 .*hacker[\s\S]*answers\.yml:3:3[\s\S]*answers\.yml:4:3 unknown key "usrs"/,
    );
  });

  it('refuses a type of another class, and the class for tests', () => {
    expect(() => parseAnswers('effects: [{class: fraud, type: dos}]', 'a.yml')).toThrow(
      /"dos" is no type of fraud/,
    );
    expect(() => parseAnswers('effects: [{class: test, type: test}]', 'a.yml')).toThrow(
      /"class" cannot be "test"/,
    );
  });

  it('may be empty', () => {
    expect(parseAnswers('', 'a.yml')).toEqual({});
    expect(parseAnswers('impact: {users_affected: 0}', 'a.yml')).toEqual({ impact: { users_affected: 0 } });
  });
});

it.each([
  ['red', 'TLP:RED'],
  ['TLP:WHITE', 'TLP:CLEAR'],
  ['amber+strict', 'TLP:AMBER+STRICT'],
])('reads the label %s as %s', (text, label) => {
  expect(parseTlp(text)).toBe(label);
});
it('refuses a label that TLP does not know', () => {
  expect(() => parseTlp('TLP:BLUE')).toThrow(/use one of|no TLP label/);
});

it('lists every report file of this folder', async () => {
  const machinery = [
    'answers',
    'detection-record',
    'index',
    'pdf',
    'printable',
    'report',
    'taxonomy',
    'wording',
    'write',
  ];
  const names = (await readdir('reports'))
    .filter((name) => /^[a-z-]+\.ts$/.test(name))
    .map((name) => name.replace('.ts', ''));
  expect(names.filter((name) => !machinery.includes(name)).sort()).toEqual(
    REPORTS.map(({ id }) => id).sort(),
  );
});

it('knows 10 classes and 38 types, as the taxonomy without its test class', () => {
  expect(Object.keys(CLASSES)).toHaveLength(10);
  expect(Object.values(CLASSES).flatMap(({ types }) => Object.keys(types))).toHaveLength(38);
});
