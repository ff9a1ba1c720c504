/** How a suite says what it needs: it fails in automation and is skipped aloud elsewhere when that is not there. */
import { afterAll, inject, describe as vitestDescribe } from 'vitest';
import { corpusPath, hasCorpus } from '../corpus.ts';
import { type ComponentName, whyMissing } from './components.ts';
import { type ElasticsearchFacts, startElasticsearch } from './elasticsearch.ts';
import type {} from './global-setup.ts';
import { startHost } from './host.ts';
import { connectHost, type HostTools } from './host-tools.ts';
import { type MariadbFacts, startMariadb } from './mariadb.ts';
import { type PostgresFacts, startPostgres } from './postgres.ts';
import { startSamba } from './samba.ts';
import { connectSamba, type SambaTools } from './samba-tools.ts';
import { askShared } from './shared.ts';

export interface Needed {
  /** As vitest's; skips all inside when the component is not there. */
  readonly describe: (title: string, body: () => void) => void;
  /** True when the suite will run. */
  readonly isThere: boolean;
}

export interface NeededComponent<T> extends Needed {
  /** The running component. Read it inside tests and hooks: in a skipped suite it throws. */
  readonly component: T;
}

interface Components {
  readonly elasticsearch: ElasticsearchFacts;
  readonly samba: SambaTools;
  readonly postgres: PostgresFacts;
  readonly mariadb: MariadbFacts;
  readonly host: HostTools;
}

/**
 * A running component, shared with the other suites of the run: use names of your own in it.
 *
 *     const es = await need('elasticsearch');
 *     es.describe('the store on a real Elasticsearch', () => {
 *       it('answers', async () => { await fetch(es.component.url); });
 *     });
 *
 * Without the global set-up of the test bed the file gets a component of its own, stopped after its last test.
 */
export async function need<N extends keyof Components>(name: N): Promise<NeededComponent<Components[N]>> {
  const needed = await needInstalled(name);
  const running = needed.isThere ? await starters[name]() : undefined;
  return {
    ...needed,
    get component(): Components[N] {
      if (running === undefined) throw new Error(`${name} is not there; read it inside a test`);
      return running;
    },
  };
}

/** For suites that start servers of their own, to kill or to freeze, or that only run an installed program. */
export async function needInstalled(name: ComponentName): Promise<Needed> {
  const reasons = await whyMissing(name);
  const cure = `sh bin/node tests/testbed/install.ts ${name}`;
  return decide(name, reasons, cure);
}

/** For suites that read third-party rules and recordings in place: `await needCorpus('evtx')`. */
export function needCorpus(...parts: readonly string[]): Needed {
  const reasons = hasCorpus(...parts) ? [] : [`there is no ${corpusPath(...parts)}`];
  return decide(['corpus', ...parts].join('/'), reasons, 'set VIGIA_CORPUS to the folder that holds it');
}

function decide(name: string, reasons: readonly string[], cure: string): Needed {
  if (reasons.length === 0) return { describe: (title, body) => vitestDescribe(title, body), isThere: true };
  const why = `this needs ${name}, and it cannot be had: ${reasons.join('; ')}. Try: ${cure}`;
  if (isAutomation()) throw new Error(why);
  console.warn(`SKIPPED, NOT TESTED: ${why}`);
  return { describe: (title, body) => vitestDescribe.skip(`${title} (no ${name})`, body), isThere: false };
}

function isAutomation(): boolean {
  return ['true', '1'].includes(process.env['CI'] ?? '');
}

const starters: { readonly [N in keyof Components]: () => Promise<Components[N]> } = {
  elasticsearch: async () => (await ask('elasticsearch')) ?? (await own(startElasticsearch)),
  samba: async () => {
    const facts = await ask('samba');
    return facts === undefined ? await own(startSamba) : connectSamba(facts);
  },
  host: async () => {
    const facts = await ask('host');
    return facts === undefined ? await own(startHost) : connectHost(facts);
  },
  postgres: async () => (await ask('postgres')) ?? (await own(startPostgres)),
  mariadb: async () => (await ask('mariadb')) ?? (await own(startMariadb)),
};

async function ask<N extends keyof Components>(name: N) {
  const socket = inject('testbedSocket') as string | undefined;
  return socket === undefined ? undefined : await askShared(socket, name);
}

async function own<T extends { stop(): Promise<void> }>(start: () => Promise<T>): Promise<T> {
  const component = await start();
  afterAll(() => component.stop(), 60_000);
  return component;
}
