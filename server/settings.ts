/** The one settings file: YAML, checked by a schema, all mistakes at once with line and column. Secrets come from files or the environment. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { collectors } from '../collectors/index.ts';
import { errors, type Problem } from '../core/errors.ts';
import { checkSchema } from '../core/schema.ts';
import { parseYaml } from '../core/yaml.ts';
import type { ReportSettings } from '../reports/report.ts';
import type { TargetsSettings } from '../targets/settings.ts';
import { settingsSchema } from './settings-schema.ts';

export interface SourceSettings {
  id: string;
  collector: string;
  /** Files to follow; a folder stands for the files in it. */
  files?: string[];
  listen?: { tcp?: string; udp?: string };
  host?: string;
  zoneMinutes?: number;
  anchor?: string;
}

export type StoreSettings =
  | { kind: 'embedded'; file: string }
  | { kind: 'elasticsearch'; nodes: string[]; user?: string; passwordFile?: string; passwordEnv?: string; caFile?: string; prefix?: string };

export interface Settings {
  /** Folder for spools, keys and the local token. */
  state: string;
  store: StoreSettings;
  sources: SourceSettings[];
  rules: string[];
  placeholders: Record<string, string[]>;
  retentionDays: number;
  api: { host: string; port: number; tls?: { certFile: string; keyFile: string } };
  /** By the name that flows use. */
  targets: TargetsSettings;
  /** How the organisation is named in reports. */
  reporting?: Partial<ReportSettings>;
}

const ROOT = resolve(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '..' : '../..');
/** A file that ships with the product. */
export const shipped = (...parts: string[]): string => join(ROOT, ...parts);

const DEFAULTS: Settings = {
  state: '.vigia',
  store: { kind: 'embedded', file: 'vigia.db' },
  sources: [],
  rules: [],
  placeholders: {},
  retentionDays: 400,
  api: { host: '127.0.0.1', port: 7788 },
  targets: {},
};

/** Reads settings; without a file, the defaults hold. Relative paths count from the settings file (or the working folder). */
export function readSettings(file: string | undefined, env: NodeJS.ProcessEnv = process.env): Settings {
  const path = file ?? env['VIGIA_CONFIG'];
  if (path === undefined) return placed(DEFAULTS, process.cwd());
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw errors.usage(`settings file ${path} cannot be read: ${(cause as Error).message}`, 'name it with --config or VIGIA_CONFIG');
  }
  const { documents, problems } = parseYaml(text, path);
  const document = documents[0];
  const found: Problem[] = [...problems];
  if (document && problems.length === 0) {
    found.push(...checkSchema(settingsSchema, document), ...checkMeaning(document.value as Partial<Settings>, (pointer) => ({ path, ...document.at(pointer) })));
  }
  if (found.length > 0) throw errors.invalid(`settings ${path}`, found);
  return placed({ ...DEFAULTS, ...(document?.value as Partial<Settings> | null) }, dirname(resolve(path)));
}

/** What a schema cannot say: names that must exist or be unique, addresses that need TLS. */
function checkMeaning(settings: Partial<Settings>, at: (pointer: string[]) => Omit<Problem, 'message'>): Problem[] {
  const problems: Problem[] = [];
  const known = collectors.map((one) => one.id);
  const seen = new Set<string>();
  for (const [index, source] of (Array.isArray(settings.sources) ? settings.sources : []).entries()) {
    const pointer = ['sources', String(index)];
    if (typeof source?.collector === 'string' && !known.includes(source.collector)) {
      problems.push({ ...at([...pointer, 'collector']), message: `no collector ${JSON.stringify(source.collector)}`, hint: `one of ${known.join(', ')}` });
    }
    if (typeof source?.id === 'string' && seen.has(source.id)) {
      problems.push({ ...at([...pointer, 'id']), message: `source id ${JSON.stringify(source.id)} is used twice`, hint: 'ids of sources are unique' });
    }
    if (typeof source?.id === 'string') seen.add(source.id);
    if (source && typeof source === 'object' && !source.files && !source.listen) {
      problems.push({ ...at(pointer), message: 'a source needs "files" or "listen"' });
    }
  }
  const api = settings.api;
  if (api && typeof api === 'object' && api.host && !isLoopback(api.host) && !api.tls) {
    problems.push({ ...at(['api', 'host']), message: `${api.host} is not loopback and there is no TLS`, hint: 'add api.tls with certFile and keyFile' });
  }
  return problems;
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

function placed(settings: Settings, folder: string): Settings {
  const from = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const state = from(settings.state);
  const { store, sources, rules, targets, api } = settings;
  const inState = (path: string) => (isAbsolute(path) ? path : join(state, path));
  const files = <T extends { caFile?: string; passwordFile?: string }>(target: T): T => ({
    ...target,
    ...(target.caFile ? { caFile: from(target.caFile) } : {}),
    ...(target.passwordFile ? { passwordFile: from(target.passwordFile) } : {}),
  });
  return {
    ...settings,
    state,
    store: store.kind === 'embedded' ? { ...store, file: inState(store.file) } : files(store),
    sources: sources.map((source) => ({ ...source, ...(source.files ? { files: source.files.map(from) } : {}) })),
    rules: [shipped('detections', 'rules'), ...rules.map(from)],
    targets: Object.fromEntries(Object.entries(targets).map(([name, target]) => [name, files(target)])),
    api: { ...DEFAULTS.api, ...api, ...(api.tls ? { tls: { certFile: from(api.tls.certFile), keyFile: from(api.tls.keyFile) } } : {}) },
  };
}

/** A secret from a file (mode 0600 expected) or the environment; undefined when neither is named. */
export function readSecret(where: { passwordFile?: string; passwordEnv?: string }, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (where.passwordFile) return readFileSync(where.passwordFile, 'utf8').replace(/\r?\n$/, '');
  if (!where.passwordEnv) return undefined;
  const secret = env[where.passwordEnv];
  if (secret === undefined) throw errors.usage(`the environment variable ${where.passwordEnv} is not set`, 'the settings say that it holds a password');
  return secret;
}
