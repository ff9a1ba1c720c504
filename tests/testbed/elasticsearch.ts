/** A real Elasticsearch of one or more nodes on free loopback ports, to use, to kill, to freeze and to start again. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ElasticsearchNode, elasticsearchNode, type NodeSettings } from './elasticsearch-node.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { serviceUser } from './user.ts';
import { freePort, untilReady } from './wait.ts';

export interface ElasticsearchOptions {
  readonly nodes?: number;
  readonly heapMb?: number;
  /** By default the quick compiler only: ready 2 s sooner, slower under long load. Benchmarks pass `[]`. */
  readonly javaOptions?: readonly string[];
  /** Where the only node keeps its data: a disk of its own. */
  readonly data?: string;
  /** Added to, or put in the place of, the settings below. */
  readonly settings?: NodeSettings;
}

/** All that another process must know to use a running cluster; plain data. */
export interface ElasticsearchFacts {
  /** The first node. */
  readonly url: string;
  readonly urls: readonly string[];
}

export interface Elasticsearch extends ElasticsearchFacts {
  /** For faults of one node: `nodes[0].kill()`, then `start()` here brings it back. */
  readonly nodes: readonly ElasticsearchNode[];
  pids(): number[];
  kill(signal?: NodeJS.Signals): Promise<void>;
  pause(): void;
  resume(): void;
  /** Starts the nodes that are down, on the same data and ports, and waits until all primaries are there. */
  start(): Promise<void>;
  /** Ends the cluster and removes its data. */
  stop(): Promise<void>;
}

export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<Elasticsearch> {
  const folder = temporaryFolder('elasticsearch');
  let nodes: readonly ElasticsearchNode[] = [];
  try {
    nodes = await prepareNodes(folder, options);
    await startNodes(nodes);
  } catch (cause) {
    await Promise.all(nodes.map((node) => node.stop()));
    removeFolder(folder);
    throw cause;
  }
  return {
    url: nodes[0]!.url,
    urls: nodes.map((node) => node.url),
    nodes,
    pids: () => nodes.flatMap((node) => node.pids()),
    kill: async (signal) => void (await Promise.all(nodes.map((node) => node.kill(signal)))),
    pause() {
      for (const node of nodes) node.pause();
    },
    resume() {
      for (const node of nodes) node.resume();
    },
    start: () => startNodes(nodes),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      removeFolder(folder);
    },
  };
}

async function prepareNodes(folder: string, options: ElasticsearchOptions): Promise<ElasticsearchNode[]> {
  const count = options.nodes ?? 1;
  const user = await serviceUser('vigia-es');
  const names = Array.from({ length: count }, (_, i) => `n${i + 1}`);
  const transport = await freePorts(count);
  const ports = await freePorts(count, transport);
  const discovery: NodeSettings =
    count === 1
      ? { 'discovery.type': 'single-node' }
      : {
          'discovery.seed_hosts': transport.map((port) => `127.0.0.1:${port}`),
          'cluster.initial_master_nodes': names,
        };
  return names.map((name, i) => {
    const place = join(folder, name);
    mkdirSync(place);
    return elasticsearchNode({
      name,
      folder: place,
      port: ports[i]!,
      heapMb: options.heapMb ?? 512,
      javaOptions: options.javaOptions ?? ['-XX:TieredStopAtLevel=1'],
      user,
      ...(options.data === undefined ? {} : { data: options.data }),
      settings: {
        'cluster.name': 'vigia-test',
        'node.name': name,
        ...discovery,
        'network.host': '127.0.0.1',
        'http.port': ports[i]!,
        'transport.port': transport[i]!,
        'path.data': join(place, 'data'),
        'path.logs': join(place, 'logs'),
        'cluster.routing.allocation.disk.threshold_enabled': false,
        'node.store.allow_mmap': false,
        'xpack.ml.enabled': false,
        'xpack.security.enabled': false,
        ...options.settings,
      },
    });
  });
}

async function freePorts(count: number, taken: readonly number[] = []): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = await freePort();
    if (!taken.includes(port)) ports.add(port);
  }
  return [...ports];
}

async function startNodes(nodes: readonly ElasticsearchNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.start()));
  // Three JVMs on two cores take half a minute; beside other programs one of them took more than two minutes.
  const timeoutMs = 180_000 + 120_000 * nodes.length;
  const question = `_cluster/health?wait_for_nodes=${nodes.length}&wait_for_status=yellow&timeout=5s`;
  const servers = nodes.map((node) => node.process());
  await untilReady('Elasticsearch', servers, timeoutMs, async () => {
    const ready = await Promise.all(nodes.map(({ url }) => answersYes(`${url}/${question}`)));
    return ready.every(Boolean);
  });
}

async function answersYes(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  return answer.ok;
}
