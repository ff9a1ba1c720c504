/** What a schema cannot say about `kafka`: what a collector can read from a topic, what needs TLS, where the secret is. */
import type { Collector } from '../collectors/collector.ts';
import type { Problem } from '../core/errors.ts';
import { isLoopback } from './loopback.ts';
import type { SourceSettings } from './settings.ts';
import type { At } from './source-meaning.ts';

/** Takes a `kafka` that the schema may have found wrong. */
export function checkKafka(
  { kafka }: Partial<SourceSettings>,
  known: Collector | undefined,
  at: At,
): Problem[] {
  if (typeof kafka !== 'object' || kafka === null) return [];
  const problems: Problem[] = [];
  if (known && ['file', 'own', 'records', 'directory'].includes(known.framing.kind))
    problems.push({
      ...at(['kafka']),
      message: `${known.id} reads no single records, as topics hold them`,
      hint: 'choose a collector of lines or JSON',
    });
  const brokers: unknown[] = Array.isArray(kafka.brokers) ? kafka.brokers : [];
  for (const [index, broker] of brokers.entries())
    if (typeof broker === 'string' && !kafka.tls && !isLoopback(hostOf(broker)))
      problems.push({
        ...at(['kafka', 'brokers', String(index)]),
        message: `${broker} is not loopback and there is no TLS`,
        hint: 'add tls: {}, with caFile where the authority is your own',
      });
  const { tls, sasl } = kafka;
  if (tls && (tls.certFile === undefined) !== (tls.keyFile === undefined))
    problems.push({
      ...at(['kafka', 'tls']),
      message: 'a certificate and its key belong together',
      hint: 'add certFile and keyFile',
    });
  if (sasl && (sasl.passwordFile === undefined) === (sasl.passwordEnv === undefined))
    problems.push({
      ...at(['kafka', 'sasl']),
      message: 'the password is named twice, or nowhere',
      hint: 'write one of passwordFile and passwordEnv',
    });
  return problems;
}

const hostOf = (broker: string): string => broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
