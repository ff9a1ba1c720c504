/** Files that only the account of Vigia may read, and variables that must be set: wherever the settings name one. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './finding.ts';
import type { Settings } from './settings.ts';

/** How settings name what holds a secret. */
const SECRET = /^(?:password|key|credentials)(File|Env)$/;

export async function secretFindings(settings: Settings): Promise<Finding[]> {
  const named = secretsIn(settings);
  const { state } = settings;
  const own = [state, join(state, 'audit.key'), join(state, 'served.json')];
  const files = await Promise.all([
    ...[...named.files].map((path) => privacy(path, true)),
    ...own.map((path) => privacy(path, false)),
  ]);
  return [...files.flat(), ...[...named.variables].map(variable)];
}

interface Named {
  readonly files: Set<string>;
  readonly variables: Set<string>;
}

/** The settings were read already: they end, and hold what their schema allows. */
function secretsIn(value: unknown, into: Named = { files: new Set(), variables: new Set() }): Named {
  if (typeof value !== 'object' || value === null) return into;
  for (const [key, inner] of Object.entries(value)) {
    const [, kind] = SECRET.exec(key) ?? [];
    if (kind === undefined || typeof inner !== 'string') secretsIn(inner, into);
    else (kind === 'File' ? into.files : into.variables).add(inner);
  }
  return into;
}

function variable(name: string): Finding {
  const isSet = Boolean(process.env[name]);
  return {
    area: 'secrets',
    name,
    ok: isSet,
    detail: isSet ? 'is set' : 'is not set',
    ...(isSet ? {} : { remedy: 'set it where Vigia is started' }),
  };
}

async function privacy(path: string, isNeeded: boolean): Promise<Finding[]> {
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => cause);
  if (info instanceof Error) {
    if (info.code === 'ENOENT' && !isNeeded) return [];
    return [
      {
        area: 'secrets',
        name: path,
        ok: false,
        detail: info.code ?? info.message,
        remedy: 'make the file readable',
      },
    ];
  }
  const mode = info.mode & 0o777;
  const isPrivate = (mode & 0o077) === 0;
  const detail = `mode ${mode.toString(8).padStart(4, '0')}`;
  const remedy = `chmod ${info.isDirectory() ? '700' : '600'} ${path}`;
  return [{ area: 'secrets', name: path, ok: isPrivate, detail, ...(isPrivate ? {} : { remedy }) }];
}
