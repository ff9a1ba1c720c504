/** What brokers say about topics to somebody who reads nothing and joins no group. */
import { Admin, UserError } from '@platformatic/kafka';
import { asOurs, type Connection, clientOptions, protocolWords } from './connection.ts';

export interface TopicPartitions {
  topic: string;
  /** 0: there is no such topic, or it is not shown to us. */
  partitions: number;
}

/** One try: somebody waits for the answer. Throws when no broker answers, or refuses us altogether. */
export async function topicPartitions(
  connection: Connection,
  topics: readonly string[],
): Promise<TopicPartitions[]> {
  const client = new Admin(clientOptions(connection, 0));
  client.on('error', () => undefined);
  try {
    return await Promise.all(topics.map(async (topic) => ({ topic, partitions: await partitionsOf(topic) })));
  } finally {
    await client.close();
  }

  async function partitionsOf(topic: string): Promise<number> {
    try {
      const metadata = await client.metadata({ topics: [topic], forceUpdate: true });
      return metadata.topics.get(topic)?.partitionsCount ?? 0;
    } catch (cause) {
      if (isUnknown(cause)) return 0;
      throw asOurs(`describe topic ${topic}`, cause);
    }
  }
}

/** The library has words of its own for a topic that is not there; one that is not shown may look the same. */
const isUnknown = (cause: unknown): boolean =>
  (cause instanceof UserError && cause.message.startsWith('Unknown topic')) ||
  protocolWords(cause).includes('TOPIC_AUTHORIZATION_FAILED');
