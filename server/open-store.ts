/** Opens the store that the settings name, ready for use. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Store } from '../core/store.ts';
import { readSecret, type Settings } from './settings.ts';

export async function openStore({ store: settings }: Pick<Settings, 'store'>): Promise<Store> {
  const store = await open(settings);
  try {
    await store.migrate();
  } catch (cause) {
    await store.close();
    throw cause;
  }
  return store;
}

async function open(settings: Settings['store']): Promise<Store> {
  if (settings.kind === 'embedded') {
    await mkdir(dirname(settings.file), { recursive: true, mode: 0o700 });
    const { openEmbedded } = await import('../store/embedded/open.ts');
    return openEmbedded({ file: settings.file });
  }
  const { openElasticsearch } = await import('../store/elasticsearch/open.ts');
  const password = readSecret(settings);
  return openElasticsearch({
    nodes: settings.nodes,
    ...(settings.user && password ? { auth: { username: settings.user, password } } : {}),
    ...(settings.caFile ? { ca: await readFile(settings.caFile, 'utf8') } : {}),
    ...(settings.prefix ? { prefix: settings.prefix } : {}),
  });
}
