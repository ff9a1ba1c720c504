/** Questions to Prometheus as a source: what the settings say, its JSON Schema, and the reader that asks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { prometheusReader } from '../collectors/prometheus/reader.ts';
import type { Reader } from '../collectors/reading/reader.ts';
import { readSecret } from './settings.ts';

export interface PrometheusSettings {
  url: string;
  queries: { name: string; expr: string }[];
  everySeconds?: number;
  delaySeconds?: number;
  lookBackHours?: number;
  /** With a user the secret is a password, without one a bearer token. */
  user?: string;
  passwordFile?: string;
  passwordEnv?: string;
}

export function questionsOf(settings: PrometheusSettings): Reader {
  const { user, everySeconds = 60, delaySeconds = 30, lookBackHours = 24 } = settings;
  return prometheusReader(
    {
      ...{ url: settings.url.replace(/\/$/, ''), queries: settings.queries },
      ...{ everySeconds, delaySeconds, lookBackHours },
      authorization() {
        const secret = readSecret(settings);
        if (secret === undefined) return undefined;
        return user === undefined
          ? `Bearer ${secret}`
          : `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
      },
    },
    { fetch, now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined) },
  );
}
