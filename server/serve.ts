/** `vigia serve`: the roles of one process, until it is told to stop. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Delivery } from '../collectors/run.ts';
import { buildApi } from './api/app.ts';
import { cannotListen } from './cannot-listen.ts';
import { compose } from './compose.ts';
import { localIdentity } from './local-identity.ts';
import type { Parts } from './parts.ts';
import { collect } from './roles/collect.ts';
import { detect, firstRound, openRounds } from './roles/detect.ts';
import { evaluateIndices } from './roles/evaluate-indices.ts';
import { watch } from './roles/judge/watch.ts';
import { openListeners } from './roles/listeners.ts';
import { makePartitions } from './roles/make-partitions.ts';
import { respond } from './roles/respond.ts';
import type { Settings } from './settings.ts';

export const ROLE_NAMES = ['collect', 'detect', 'respond', 'api'] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

export interface ServeOptions {
  roles: readonly RoleName[];
  signal: AbortSignal;
  /** Hears when everything is up. */
  ready?: (address: string | undefined) => void;
  /** The crash proofs reach into delivery here. */
  delivery?: Partial<Delivery>;
}

/** Valid as long as this process serves; commands of the same user on this machine find it in the state folder. */
const LOCAL_TOKEN_DAYS = 365;

export async function serve(settings: Settings, options: ServeOptions): Promise<void> {
  const parts = await compose(settings);
  const has = (role: RoleName) => options.roles.includes(role);
  // A role that fails for good stops the others, so that the process ends and is restarted, never half alive.
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const running: Promise<void>[] = [];
  const closing: (() => Promise<void>)[] = [];
  try {
    const rounds = has('detect') ? openRounds(parts) : undefined;
    if (rounds) closing.push(rounds.close);
    // Before it is ready, so that what comes then is not held up by it.
    if (rounds) await firstRound(rounds);
    if (has('collect')) await makePartitions(parts);
    const address = has('api') ? await openApi(parts, closing) : undefined;
    if (has('collect')) {
      closing.push(await openListeners(parts));
      const delivery = options.delivery ? { delivery: options.delivery } : {};
      running.push(collect(parts, { signal, until: 'forever', ...delivery }));
    }
    if (rounds)
      running.push(
        detect(parts, { signal, until: 'forever', rounds }),
        evaluateIndices(parts, { signal }),
        watch(parts, { signal }),
      );
    if (has('respond')) running.push(respond(parts, { signal }));
    parts.log.info(`roles ${options.roles.join(', ')} are up${address ? `, API on ${address}` : ''}`);
    options.ready?.(address);
    await Promise.all([...running, stopped(signal)]);
  } finally {
    failed.abort();
    await Promise.allSettled(running);
    for (const close of closing.reverse()) await close();
    await parts.settled();
    await parts.close();
  }
}

const stopped = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

async function openApi(parts: Parts, closing: (() => Promise<void>)[]): Promise<string> {
  const { settings, tokens } = parts;
  const { host, port, tls } = settings.api;
  const app = await buildApi(parts);
  const url = await app.listen({ host, port }).catch(cannotListen('the API', `${host}:${port}`));
  closing.push(() => app.close());
  const file = join(settings.state, 'served.json');
  await revokeLeftOver(parts, file);
  const local = localIdentity();
  const made = await tokens.create(local.user, local.roles, LOCAL_TOKEN_DAYS);
  const certificate = tls ? { certificate: await readFile(tls.certFile, 'utf8') } : {};
  // Whole or not at all: a command may read it at any moment.
  await writeFile(
    `${file}.part`,
    JSON.stringify({ url, token: made.token, pid: process.pid, ...certificate }),
    {
      mode: 0o600,
    },
  );
  await rename(`${file}.part`, file);
  closing.push(async () => {
    await rm(file, { force: true });
    await tokens.revoke(made.id);
  });
  return url;
}

/** A killed process could not end its token itself. */
async function revokeLeftOver({ tokens, log }: Parts, file: string): Promise<void> {
  try {
    const { token } = JSON.parse(await readFile(file, 'utf8')) as { token: string };
    await tokens.revoke(String(token).split('_')[1] ?? '');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn(`${file} of a process before this one is not usable`);
  }
}
