/** A partition of a topic as a stream of its own, and the group that shares partitions out. */
import type { Connection } from '../collectors/kafka/connection.ts';
import type { Group } from '../collectors/kafka/group.ts';
import { type Partition, partitionClient } from '../collectors/kafka/partition-client.ts';
import { partitionReader } from '../collectors/kafka/partition-reader.ts';
import type { Origin, Source } from '../collectors/run.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { readSecret } from './settings.ts';

export const connectionOf = ({ brokers, tls, sasl }: KafkaSettings): Connection => ({
  brokers,
  ...(tls ? { tls } : {}),
  ...(sasl
    ? { sasl: { ...{ mechanism: sasl.mechanism, user: sasl.user }, password: () => readSecret(sasl) ?? '' } }
    : {}),
});

/** The stream's id is `source/topic/partition`: whoever reads it, events keep their ids. */
export const partitionSource = (
  origin: Origin,
  connection: Connection,
  one: Partition,
  group: Pick<Group, 'delivered'>,
  now: () => number,
): Source => ({
  ...origin,
  id: `${origin.id}/${one.topic}/${one.partition}`,
  reader: partitionReader(
    () => partitionClient(connection, one, (offset) => group.delivered(one, offset)),
    now,
  ),
});
