/** One Elasticsearch server process, with its own settings, data, logs and ports. */
import { chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elasticsearchHome, findJava } from './components.ts';
import { type Contained, contain, privateTmp, type User } from './contained.ts';

/** What `elasticsearch.yml` holds; dotted names as in Elastic's reference. */
export type NodeSettings = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface NodePlace {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly heapMb: number;
  readonly javaOptions: readonly string[];
  readonly user: User;
  /** Seen by the server in the place of its data folder. */
  readonly data?: string;
  readonly settings: NodeSettings;
}

export interface ElasticsearchNode {
  readonly name: string;
  readonly url: string;
  readonly logFolder: string;
  /** The launcher and the server below it. */
  pids(): number[];
  process(): Contained;
  /** Starts on the same data and port; returns before the server answers. */
  start(): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Freezes the process: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Prepares the folder; `start` runs the server. */
export function elasticsearchNode(place: NodePlace): ElasticsearchNode {
  const { folder, user } = place;
  const java = findJava();
  if (java === undefined) throw new Error('no JDK for Elasticsearch: run tests/testbed/install.ts');
  writeFolder(place);
  let server: Contained | undefined;
  const running = (): Contained => {
    if (server === undefined) throw new Error(`Elasticsearch node ${place.name} was never started`);
    return server;
  };
  return {
    name: place.name,
    url: `http://127.0.0.1:${place.port}`,
    logFolder: join(folder, 'logs'),
    pids: () => running().pids(),
    process: running,
    async start() {
      if (server?.isRunning()) return;
      server = await contain({
        program: join(folder, 'server', 'bin', 'elasticsearch'),
        args: [],
        user,
        cwd: join(folder, 'logs'),
        logFile: join(folder, 'output.log'),
        // The cache folder may lie under a closed home directory; the server sees it here instead.
        mounts: [
          { from: elasticsearchHome(), to: join(folder, 'server') },
          ...(place.data === undefined ? [] : [{ from: place.data, to: join(folder, 'data') }]),
          ...privateTmp(folder),
        ],
        env: {
          PATH: process.env['PATH'],
          ES_JAVA_HOME: java,
          ES_JAVA_OPTS: [`-Xms${place.heapMb}m`, `-Xmx${place.heapMb}m`, ...place.javaOptions].join(' '),
          CLI_JAVA_OPTS: '-XX:TieredStopAtLevel=1',
          ES_PATH_CONF: join(folder, 'config'),
        },
      });
    },
    async kill(signal = 'SIGKILL') {
      await running().stop(signal, 60_000);
    },
    pause: () => running().signalAll('SIGSTOP'),
    resume: () => running().signalAll('SIGCONT'),
    async stop() {
      if (server === undefined) return;
      // A frozen process cannot end in good order.
      server.signalAll('SIGCONT');
      await server.stop('SIGTERM', 30_000);
    },
  };
}

function writeFolder({ folder, settings, user }: NodePlace): void {
  for (const name of ['config', 'data', 'logs', 'server']) mkdirSync(join(folder, name), { recursive: true });
  const config = join(folder, 'config');
  cpSync(join(elasticsearchHome(), 'config'), config, { recursive: true });
  writeFileSync(
    join(config, 'elasticsearch.yml'),
    Object.entries(settings)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
      .join(''),
  );
  // Garbage collection is logged to 2 GB in files otherwise.
  const jvm = readFileSync(join(config, 'jvm.options'), 'utf8');
  writeFileSync(join(config, 'jvm.options'), jvm.replaceAll(/^-Xlog:gc.*$/gm, ''));
  for (const name of ['config', 'data', 'logs']) chownSync(join(folder, name), user.uid, user.gid);
}
