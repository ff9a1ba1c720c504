/** JSON Schema of `prometheus` under a source. */
import { text } from './schema-words.ts';

const whole = (minimum: number, maximum: number, description: string, example: number) => ({
  type: 'integer',
  minimum,
  maximum,
  description,
  examples: [example],
});

export const prometheusSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Asks Prometheus instant queries at fixed steps (collector prometheus-query)',
  required: ['url', 'queries'],
  properties: {
    url: {
      ...text('Address; without TLS only on this machine', 'https://prometheus.example.test'),
      pattern: '^(https://|http://(127\\.|localhost|\\[::1\\]))',
    },
    queries: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      description: 'What is asked; every series of an answer is an event',
      items: {
        type: 'object',
        additionalProperties: false,
        description: 'One question',
        required: ['name', 'expr'],
        properties: {
          name: {
            ...text('Unique and lasting: event ids depend on it', 'target-down'),
            pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
          },
          expr: text('PromQL', 'up == 0'),
        },
      },
    },
    everySeconds: whole(5, 86_400, 'Step between two times that are asked for; 60 when left out', 60),
    delaySeconds: whole(
      0,
      3_600,
      'How long after a time it is asked for, so that late samples are there; 30 when left out',
      30,
    ),
    lookBackHours: whole(
      1,
      8_760,
      'How far back missed steps are asked for afterwards; 24 when left out',
      24,
    ),
    user: text('User name; without it the secret is a bearer token', 'vigia'),
    passwordFile: text('File that holds the secret, readable by Vigia only', '/run/secrets/vigia-prometheus'),
    passwordEnv: text('Environment variable that holds the secret', 'VIGIA_PROMETHEUS_SECRET'),
  },
};
