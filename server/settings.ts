/** The one settings file: YAML, checked by a schema, all mistakes at once with line and column. Secrets come from files or the environment. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { ReceiverTls } from '../collectors/receiving/tls.ts';
import { errors, type Problem } from '../core/errors.ts';
import type { DailyFrom } from '../core/partition.ts';
import { checkSchema } from '../core/schema.ts';
import { parseYaml } from '../core/yaml.ts';
import type { ShadowEntry } from '../detections/index.ts';
import type { ReportSettings } from '../reports/report.ts';
import type { TargetsSettings } from '../targets/settings.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { HTTP_KINDS, type ListenSettings } from './listen-settings.ts';
import type { PrometheusSettings } from './prometheus-source.ts';
import { checkMeaning } from './settings-meaning.ts';
import { settingsSchema } from './settings-schema.ts';

/** Polls the Office 365 Management Activity API. */
export interface ActivityApiSettings {
  tenant: string;
  clientId: string;
  passwordFile?: string;
  passwordEnv?: string;
  contentTypes?: string[];
  lookBackHours?: number;
  pollSeconds?: number;
  apiUrl?: string;
  loginUrl?: string;
}

export interface SourceSettings {
  id: string;
  collector: string;
  /** Files to follow; a folder stands for the files in it. */
  files?: string[];
  /** Folder of files that are finished when they appear; each is read once. */
  objects?: string;
  listen?: ListenSettings;
  /** Database whose trail is read, by its name under `targets`. */
  target?: string;
  poll?: { table?: string; everySeconds?: number; overlapSeconds?: number };
  /** Collector `described`: the name of a description that ships, or a file. */
  description?: string;
  activityApi?: ActivityApiSettings;
  prometheus?: PrometheusSettings;
  kafka?: KafkaSettings;
  host?: string;
  encoding?: 'utf-8' | 'latin1';
  zoneMinutes?: number;
  anchor?: string;
}

export type StoreSettings =
  | { kind: 'embedded'; file: string }
  | {
      kind: 'elasticsearch';
      nodes: string[];
      user?: string;
      passwordFile?: string;
      passwordEnv?: string;
      caFile?: string;
      prefix?: string;
    };

/** Index patterns that other shippers fill, evaluated where they lie. */
export interface IndicesSettings {
  id: string;
  patterns: string[];
  /** Date field in which an event's arrival stands. */
  arrival?: string;
  everySeconds?: number;
  /** How far each round looks back behind the one before: more than the slowest arrival takes to be searchable. */
  overlapSeconds?: number;
}

export interface Settings {
  /** Folder for spools, keys and the local token. */
  state: string;
  store: StoreSettings;
  sources: SourceSettings[];
  indices: IndicesSettings[];
  rules: string[];
  placeholders: Record<string, string[]>;
  /** Rules that do not alert yet. */
  shadow: ShadowEntry[];
  /** Where the key is under which citizens' identifiers become pseudonyms. */
  privacy?: { keyFile?: string; keyEnv?: string };
  retentionDays: number;
  /** Days of datasets that are kept shorter or longer than the others. */
  retention: Readonly<Record<string, number>>;
  /** Datasets whose indices are days, each with the day from which on. */
  dailyPartitions: DailyFrom;
  /** How late events may be for conditions that only a whole window decides. */
  correlation: { latenessMinutes: number };
  api: { host: string; port: number; tls?: { certFile: string; keyFile: string } };
  /** By the name that flows use. */
  targets: TargetsSettings;
  /** File that says what there is and what needs it. */
  inventory?: string;
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
  indices: [],
  rules: [],
  placeholders: {},
  shadow: [],
  retentionDays: 400,
  retention: {},
  dailyPartitions: {},
  correlation: { latenessMinutes: 10 },
  api: { host: '127.0.0.1', port: 7788 },
  targets: {},
};

/** Read when neither --config nor VIGIA_CONFIG names another. */
const USUAL_FILE = 'vigia.yml';

/** The file that `readSettings` would read; undefined when the defaults hold. */
export const settingsFile = (
  file: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined =>
  file ?? (env['VIGIA_CONFIG'] || undefined) ?? (existsSync(USUAL_FILE) ? USUAL_FILE : undefined);

/**
 * Reads settings; without a file, the defaults hold. Relative paths count from the settings file (or the working folder).
 * `VIGIA_STATE` puts the state folder elsewhere.
 */
export function readSettings(file: string | undefined, env: NodeJS.ProcessEnv = process.env): Settings {
  const elsewhere = env['VIGIA_STATE'] ? { state: resolve(env['VIGIA_STATE']) } : {};
  const path = settingsFile(file, env);
  if (path === undefined) return placed({ ...DEFAULTS, ...elsewhere }, process.cwd());
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw errors.usage(
      `settings file ${path} cannot be read: ${(cause as Error).message}`,
      'name it with --config or VIGIA_CONFIG',
    );
  }
  const { documents, doubtful, problems } = parseYaml(text, path);
  const found: Problem[] = [...problems];
  for (const document of [...documents, ...doubtful]) {
    found.push(
      ...checkSchema(settingsSchema, document),
      ...checkMeaning(document.value as Partial<Settings>, (pointer) => ({ path, ...document.at(pointer) })),
    );
  }
  if (documents.length > 1)
    found.push({
      path,
      ...documents[1]!.at([]),
      message: 'a second document; settings are one',
      hint: 'remove the line "---"',
    });
  if (found.length > 0) throw errors.invalid('settings', found);
  // The schema has checked the shape.
  const given = documents[0]?.value as Partial<Settings> | undefined;
  return placed({ ...DEFAULTS, ...given, ...elsewhere }, dirname(resolve(path)));
}

function placed(settings: Settings, folder: string): Settings {
  const from = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const state = from(settings.state);
  const { store, sources, rules, targets, api } = settings;
  const inState = (path: string) => (isAbsolute(path) ? path : join(state, path));
  const files = <T extends { caFile?: string; passwordFile?: string; keyFile?: string; handover?: string }>(
    target: T,
  ): T => ({
    ...target,
    ...(target.caFile ? { caFile: from(target.caFile) } : {}),
    ...(target.passwordFile ? { passwordFile: from(target.passwordFile) } : {}),
    ...(target.keyFile ? { keyFile: from(target.keyFile) } : {}),
    ...(target.handover ? { handover: from(target.handover) } : {}),
  });
  return {
    ...settings,
    state,
    store: store.kind === 'embedded' ? { ...store, file: inState(store.file ?? 'vigia.db') } : files(store),
    sources: sources.map((source) => ({
      ...source,
      ...(source.files ? { files: source.files.map(from) } : {}),
      ...(source.description && !/^[a-z0-9-]+$/.test(source.description)
        ? { description: from(source.description) }
        : {}),
      ...(source.activityApi ? { activityApi: files(source.activityApi) } : {}),
      ...(source.prometheus ? { prometheus: files(source.prometheus) } : {}),
      ...(source.kafka ? { kafka: kafkaPlaced(source.kafka, from) } : {}),
      ...(source.objects ? { objects: from(source.objects) } : {}),
      ...(source.listen ? { listen: listenPlaced(source.listen, from) } : {}),
    })),
    ...(settings.privacy?.keyFile ? { privacy: { keyFile: from(settings.privacy.keyFile) } } : {}),
    ...(settings.inventory ? { inventory: from(settings.inventory) } : {}),
    rules: [shipped('detections', 'rules'), ...rules.map(from)],
    targets: Object.fromEntries(
      Object.entries(targets).map(([name, target]) => [
        name,
        target.kind === 'directory-rehearsal'
          ? { ...target, export: from(target.export), copy: inState(target.copy) }
          : files(target),
      ]),
    ),
    api: {
      ...DEFAULTS.api,
      ...api,
      ...(api.tls ? { tls: { certFile: from(api.tls.certFile), keyFile: from(api.tls.keyFile) } } : {}),
    },
  };
}

function listenPlaced(listen: ListenSettings, from: (path: string) => string): ListenSettings {
  const placed = {
    ...listen,
    ...(listen.tls ? { tls: { address: listen.tls.address, ...tlsPlaced(listen.tls, from) } } : {}),
  };
  for (const kind of HTTP_KINDS) {
    const one = listen[kind];
    if (!one) continue;
    placed[kind] = {
      ...one,
      ...(one.credentialsFile ? { credentialsFile: from(one.credentialsFile) } : {}),
      ...(one.tls ? { tls: tlsPlaced(one.tls, from) } : {}),
    };
  }
  return placed;
}

function kafkaPlaced({ tls, sasl, ...kafka }: KafkaSettings, from: (path: string) => string): KafkaSettings {
  return {
    ...kafka,
    ...(tls
      ? { tls: Object.fromEntries(Object.entries(tls).map(([name, path]) => [name, from(path)])) }
      : {}),
    ...(sasl
      ? { sasl: { ...sasl, ...(sasl.passwordFile ? { passwordFile: from(sasl.passwordFile) } : {}) } }
      : {}),
  };
}

const tlsPlaced = (tls: ReceiverTls, from: (path: string) => string): ReceiverTls => ({
  certFile: from(tls.certFile),
  keyFile: from(tls.keyFile),
  ...(tls.clientCaFile ? { clientCaFile: from(tls.clientCaFile) } : {}),
});

/** A secret from a file (mode 0600 expected) or the environment; undefined when neither is named. */
export function readSecret(
  where: { passwordFile?: string; passwordEnv?: string },
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (where.passwordFile) {
    try {
      return readFileSync(where.passwordFile, 'utf8').replace(/\r?\n$/, '');
    } catch (cause) {
      throw errors.usage(`the password file cannot be read: ${(cause as Error).message}`);
    }
  }
  if (!where.passwordEnv) return undefined;
  const secret = env[where.passwordEnv];
  if (secret === undefined)
    throw errors.usage(
      `the environment variable ${where.passwordEnv} is not set`,
      'the settings say that it holds a password',
    );
  return secret;
}
