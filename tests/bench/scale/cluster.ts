/** What a volume needs of Elasticsearch: nodes by processor time and by disk, shards by size. Plain arithmetic, shown in docs/sizing.md. */

export interface PerEvent {
  rawBytes: number;
  /** On disk, one copy. */
  storedBytes: number;
  /** Of Elasticsearch, for one copy, in seconds per million. */
  indexCpuS: number;
}

export interface Node {
  cores: number;
  diskBytes: number;
}

export interface Cluster {
  eventsPerDay: number;
  storedBytesPerDay: number;
  copies: number;
  /** Datasets whose partitions must be days. */
  daily: number;
  /** In one partition of the largest dataset. */
  largestShards: number;
  /** New ones, without the copies. */
  shardsPerDay: number;
  nodesByCpu: number;
  nodesByDisk: number;
  nodes: number;
  /** Shards that a node holds at the end of retention, copies counted. */
  shardsPerNode: number;
}

/** What a shard is meant to hold; `SHARD_BYTES` of the store. */
const SHARD_BYTES = 30e9;
/** In the busiest minute of the day, and a disk's share: Elasticsearch stops allocating at 85 %. */
const CPU_FULL = 0.6;
const DISK_FULL = 0.75;
/** A month of more shards than this is better kept as days. */
const MOST_SHARDS_A_MONTH = 30;
/** From here on a copy of everything is kept, on three nodes or more. */
const COPIED_FROM_BYTES = 50e9;

export function clusterFor(
  bytesPerDay: number,
  {
    event,
    node,
    days,
    datasets,
    peak,
  }: { event: PerEvent; node: Node; days: number; datasets: number; peak: number },
): Cluster {
  const eventsPerDay = bytesPerDay / event.rawBytes;
  const storedBytesPerDay = eventsPerDay * event.storedBytes;
  const copies = bytesPerDay >= COPIED_FROM_BYTES ? 2 : 1;
  const cpu = (eventsPerDay / 86_400) * peak * (event.indexCpuS / 1e6) * copies;
  const nodesByCpu = cpu / (node.cores * CPU_FULL);
  const nodesByDisk = (storedBytesPerDay * days * copies) / (node.diskBytes * DISK_FULL);
  const nodes = Math.max(copies === 1 ? 1 : 3, Math.ceil(Math.max(nodesByCpu, nodesByDisk)));
  const partitions = sharesOf(datasets).map((share) => partitionsOf(share * storedBytesPerDay));
  const shardsPerDay = partitions.reduce((sum, { shards, daysEach }) => sum + shards / daysEach, 0);
  return {
    ...{ eventsPerDay, storedBytesPerDay, copies, shardsPerDay, nodesByCpu, nodesByDisk, nodes },
    daily: partitions.filter(({ daysEach }) => daysEach === 1).length,
    largestShards: partitions[0]!.shards,
    shardsPerNode: (shardsPerDay * days * copies) / nodes,
  };
}

function partitionsOf(bytesPerDay: number): { shards: number; daysEach: number } {
  const inMonth = Math.ceil((bytesPerDay * 30) / SHARD_BYTES);
  return inMonth <= MOST_SHARDS_A_MONTH
    ? { shards: inMonth, daysEach: 30 }
    : { shards: Math.ceil(bytesPerDay / SHARD_BYTES), daysEach: 1 };
}

/** Few datasets hold most of it: the largest of 20 a quarter, the smallest a hundredth. */
function sharesOf(datasets: number): number[] {
  const weights = Array.from({ length: datasets }, (_, n) => 1 / (n + 1));
  const total = weights.reduce((sum, one) => sum + one, 0);
  return weights.map((weight) => weight / total);
}
