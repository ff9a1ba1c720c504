/** One Elasticsearch, one directory, one PostgreSQL, one MariaDB and one Linux host for a whole test run, each started when the first suite asks. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type ElasticsearchFacts, startElasticsearch } from './elasticsearch.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { startHost } from './host.ts';
import type { HostFacts } from './host-tools.ts';
import { type MariadbFacts, startMariadb } from './mariadb.ts';
import { type PostgresFacts, startPostgres } from './postgres.ts';
import { startSamba } from './samba.ts';
import type { SambaFacts } from './samba-tools.ts';

/** What a suite gets to know; plain data, because it crosses from the process that runs the servers. */
export interface SharedFacts {
  readonly elasticsearch: ElasticsearchFacts;
  readonly samba: SambaFacts;
  readonly postgres: PostgresFacts;
  readonly mariadb: MariadbFacts;
  readonly host: HostFacts;
}

export type SharedName = keyof SharedFacts;

interface Started {
  stop(): Promise<void>;
}

type Answer = { readonly facts: unknown } | { readonly error: string };

const starters: Readonly<Record<SharedName, () => Promise<Started>>> = {
  elasticsearch: startElasticsearch,
  samba: startSamba,
  postgres: startPostgres,
  mariadb: startMariadb,
  host: startHost,
};

export interface Shared {
  readonly socket: string;
  close(): Promise<void>;
}

/** Waits for suites on a socket that only this user can reach: name in, facts as JSON out. */
export async function openShared(): Promise<Shared> {
  const folder = temporaryFolder('shared');
  const started = new Map<SharedName, Promise<Started>>();
  const serve = async (connection: Socket): Promise<void> => {
    // A test process that goes away while its server starts needs no answer.
    connection.on('error', () => connection.destroy());
    const answer = await answerTo(await firstLine(connection), started);
    connection.end(JSON.stringify(answer));
  };
  const server = createServer((connection) => void serve(connection));
  const socket = join(folder, 'socket');
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    async close() {
      server.close();
      // One that could not start has already told its suite why.
      await Promise.all(
        [...started.values()].map((one) =>
          one.then(
            ({ stop }) => stop(),
            () => undefined,
          ),
        ),
      );
      removeFolder(folder);
    },
  };
}

async function answerTo(name: string, started: Map<SharedName, Promise<Started>>): Promise<Answer> {
  if (!isShared(name)) return { error: `no shared component is called ${JSON.stringify(name)}` };
  const running = started.get(name) ?? starters[name]();
  started.set(name, running);
  try {
    return { facts: await running };
  } catch (cause) {
    return { error: (cause as Error).message };
  }
}

/** Asks the process that runs the servers; starts the component there when nobody has yet. */
export async function askShared<N extends SharedName>(socket: string, name: N): Promise<SharedFacts[N]> {
  const connection = connect(socket);
  connection.write(`${name}\n`);
  const parts: Buffer[] = [];
  for await (const part of connection) parts.push(part as Buffer);
  const answer = JSON.parse(Buffer.concat(parts).toString()) as Answer;
  if ('error' in answer) throw new Error(`shared ${name}: ${answer.error}`);
  // Our own process wrote it, from the very starters above; functions do not survive JSON and are not in the type.
  return answer.facts as SharedFacts[N];
}

async function firstLine(connection: Socket): Promise<string> {
  for await (const line of createInterface({ input: connection })) return line;
  return '';
}

function isShared(name: string): name is SharedName {
  return Object.hasOwn(starters, name);
}
