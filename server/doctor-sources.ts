/** Whether each source can be read: the right to a file or folder, and whether brokers know a topic. Sources that ask a target are looked at there. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { topicPartitions } from '../collectors/kafka/topic-partitions.ts';
import { type Finding, failed } from './finding.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import type { SourceSettings } from './settings.ts';
import { connectionOf } from './topic-source.ts';

export const sourceFindings = async ({
  id,
  files = [],
  objects,
  kafka,
}: SourceSettings): Promise<Finding[]> =>
  (
    await Promise.all([
      ...[...files, ...(objects === undefined ? [] : [objects])].map((path) => place(id, path)),
      ...(kafka === undefined ? [] : [topicFindings(id, kafka)]),
    ])
  ).flat();

async function place(name: string, path: string): Promise<Finding> {
  try {
    await access(path, constants.R_OK);
    return { area: 'sources', name, ok: true, detail: `${path} is readable` };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // A log that is not written yet is waited for.
    if (code === 'ENOENT') return { area: 'sources', name, ok: true, detail: `${path} is not there yet` };
    const remedy = 'give the account of Vigia the right to read it';
    return { area: 'sources', name, ok: false, detail: `${path}: ${code}`, remedy };
  }
}

async function topicFindings(name: string, kafka: KafkaSettings): Promise<Finding[]> {
  try {
    const known = await topicPartitions(connectionOf(kafka), kafka.topics);
    return known.map(({ topic, partitions }): Finding => {
      if (partitions > 0)
        return { area: 'sources', name, ok: true, detail: `topic ${topic} has ${partitions} partitions` };
      const detail = `the brokers know no topic ${topic}, or do not show it to us`;
      const remedy = 'create it, mend its name, or give Vigia the rights to describe and read it';
      return { area: 'sources', name, ok: false, detail, remedy };
    });
  } catch (cause) {
    return [failed('sources', name, cause)];
  }
}
