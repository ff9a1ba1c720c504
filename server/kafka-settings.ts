/** Topics as a source: what the settings say, and its JSON Schema. */
import { object, text } from './schema-words.ts';

export interface KafkaSettings {
  brokers: string[];
  topics: string[];
  group: string;
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  sasl?: {
    mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    user: string;
    passwordFile?: string;
    passwordEnv?: string;
  };
}

const matching = (description: string, pattern: string, ...examples: string[]) => ({
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { type: 'string', pattern },
  description,
  examples: [examples],
});
/** What Kafka takes as the name of a topic. */
const NAME = '^[A-Za-z0-9._-]{1,249}$';

export const kafkaSchema = object(
  'Topics of Kafka: the value of each record is read like a line of a file. Several processes share the partitions as members of one group',
  ['brokers', 'topics', 'group'],
  {
    brokers: matching(
      'Some of the brokers; they name the others. Without tls only on this machine',
      '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):\\d{1,5}$',
      'kafka1.example.test:9093',
      'kafka2.example.test:9093',
    ),
    topics: matching(
      'Topics; event ids depend on the name of the topic and the number of the partition',
      NAME,
      'audit',
    ),
    group: { ...text('Consumer group, which must be Vigia’s own', 'vigia'), pattern: NAME },
    tls: object('Connections are encrypted', [], {
      caFile: text(
        'Certificate authority of the brokers (PEM); that of the system when left out',
        '/etc/vigia/kafka-ca.pem',
      ),
      certFile: text('Vigia’s own certificate, where brokers ask for one (PEM)', '/etc/vigia/kafka.pem'),
      keyFile: text('Its key (PEM)', '/etc/vigia/kafka.key'),
    }),
    sasl: object('Account', ['mechanism', 'user'], {
      mechanism: {
        enum: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
        description: 'How the brokers check it',
        examples: ['SCRAM-SHA-512'],
      },
      user: text('User name', 'vigia'),
      passwordFile: text('File that holds the password, readable by Vigia only', '/run/secrets/vigia-kafka'),
      passwordEnv: text('Environment variable that holds the password', 'VIGIA_KAFKA_PASSWORD'),
    }),
  },
);
