/**
 * Proof `topic-kill`: members of a group are killed (SIGKILL) while they read a topic of a real broker: one on the embedded store, two at once on
 * Elasticsearch, and there the broker is killed too. Its short form is `server/roles/collect-topics.test.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer } from '@platformatic/kafka';
import { type Kafka, startKafka } from '../testbed/kafka.ts';
import { type Bed, openBed } from './bed.ts';
import type { Proof, ProofResult } from './proof.ts';
import { startVictim, type Victim } from './victim.ts';
import { takeLines } from './workload.ts';

const LINES = 1_000_000;
const KILLS = 20;
const PARTITIONS = 8;
const TOPIC = 'proof';
const AT_ONCE = 2_000;

export const topicKill: Proof = async ({ scale, events, stores, say }) => {
  const result: ProofResult = { proof: 'topic-kill', cases: 0, lost: 0, doubled: 0, failed: 0, more: {} };
  const lines = events ?? Math.max(2_000, Math.round(LINES * scale));
  const kills = Math.max(2, Math.round(KILLS * Math.min(1, scale * 10)));
  for (const store of stores) {
    const kafka = await startKafka();
    const source = () => ({ kafka: { brokers: [kafka.broker], topics: [TOPIC], group: 'vigia' } });
    const bed = await openBed(store, lines, { written: 'later', source });
    try {
      await produce(kafka, bed);
      const members = store === 'elasticsearch' ? 2 : 1;
      const victims = await Promise.all(Array.from({ length: members }, () => startVictim(bed.settingsFile)));
      for (let kill = 0; kill < kills; kill++) {
        const at = kill % members;
        await progressOf(victims[at]!);
        await sleep(Math.random() * 1_000);
        await victims[at]!.kill();
        victims[at] = await startVictim(bed.settingsFile);
        result.cases += 1;
        if (kill % 5 === 4) {
          await kafka.kill();
          await kafka.start();
          result.cases += 1;
        }
        say(`${store}: ${kill + 1} members killed`);
      }
      for (const victim of victims) await victim.stop();
      const verdict = await bed.judge();
      result.lost += verdict.lost;
      result.doubled += verdict.doubled;
      result.failed += verdict.alerts + verdict.ledger + verdict.incidentsWithout;
      Object.assign(result.more, {
        [`${store}: lines`]: lines,
        [`${store}: wrong alerts`]: verdict.alerts,
        [`${store}: ledger difference`]: verdict.ledger,
      });
    } finally {
      await bed.close();
      await kafka.stop();
    }
  }
  return result;
};

/** The member has delivered something, or is given nothing within the time that a group takes to notice a silent member. */
const progressOf = (victim: Victim): Promise<unknown> => {
  const before = victim.state.checkpoints;
  return Promise.race([victim.until(() => victim.state.checkpoints > before + PARTITIONS), sleep(20_000)]);
};

async function produce({ broker }: Kafka, { work }: Bed): Promise<void> {
  const client = { clientId: 'proof', bootstrapBrokers: [broker], retries: 100, retryDelay: 100 };
  const admin = new Admin(client);
  await admin.createTopics({ topics: [TOPIC], partitions: PARTITIONS, replicas: 1 });
  await admin.close();
  // Sent again after a fault, a line stands once in the topic.
  const producer = new Producer({ ...client, idempotent: true });
  while (work.written < work.lines) {
    const first = work.written;
    const messages = takeLines(work, AT_ONCE).map((line, n) => ({
      ...{ topic: TOPIC, partition: (first + n) % PARTITIONS, value: Buffer.from(line) },
    }));
    await producer.send({ messages });
  }
  await producer.close();
}
