/**
 * Asks Prometheus the same questions again and again, each for a fixed time: steps of the clock, some seconds back, so that the
 * answer is settled. What was missed while nobody asked is asked afterwards, as far back as Prometheus is trusted to keep it; the
 * rest is a dead letter. The position of a record is question, time and labels.
 */
import { errors } from '../../core/errors.ts';
import { sha256 } from '../../core/ids.ts';
import { isObject, objects, text } from '../ecs/json.ts';
import { parseObject } from '../json/parse-object.ts';
import type { ReadBatch, Reader } from '../reading/reader.ts';

export interface PrometheusQuestions {
  url: string;
  queries: readonly { name: string; expr: string }[];
  everySeconds: number;
  /** How long after a time its answer is settled: longer than the scrape interval. */
  delaySeconds: number;
  lookBackHours: number;
  /** Asked for each call, so that a new secret is taken without a restart. */
  authorization(): string | undefined;
}

export interface Outside {
  fetch: (url: string, init: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Response>;
  now: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A question with more answers counts its rest as one dead letter; aggregate it. */
const MOST_SERIES = 10_000;
const CALL_MS = 30_000;
const RETRY_MS = 5_000;

type Records = ReadBatch['records'];
interface Place {
  /** The next time to ask for, epoch ms. */
  next: number;
}

export function prometheusReader(questions: PrometheusQuestions, outside: Outside): Reader {
  return async function* (from, { signal, until, warn }) {
    const everyMs = questions.everySeconds * 1_000;
    const lastDue = () => Math.floor((outside.now() - questions.delaySeconds * 1_000) / everyMs) * everyMs;
    let { next } = from ? (JSON.parse(from.position) as Place) : { next: lastDue() };
    let isFailing = false;
    const give = (records: Records): ReadBatch => ({
      records,
      next: { generation: 1, position: JSON.stringify({ next } satisfies Place) },
    });
    if (!from) yield give([]);
    while (!signal.aborted) {
      const due = lastDue();
      const oldest = due - Math.floor((questions.lookBackHours * 3_600_000) / everyMs) * everyMs;
      if (next < oldest) {
        const gap = missed(next, oldest);
        next = oldest;
        yield give([gap]);
      }
      while (next <= due && !signal.aborted) {
        const asked = await askAll(next, signal);
        if (typeof asked === 'string') {
          if (until === 'end') throw errors.remote('Prometheus', `ask ${questions.url}`, new Error(asked));
          if (!isFailing && !signal.aborted)
            warn(`Prometheus ${questions.url}: ${asked}; asking again, nothing is left out`);
          isFailing = true;
          await outside.sleep(RETRY_MS, signal);
          continue;
        }
        isFailing = false;
        next += everyMs;
        yield give(asked);
      }
      if (until === 'end') return;
      await outside.sleep(Math.max(100, next - lastDue()), signal);
    }
  };

  /** The answers for one time, or why there are none now. Throws where asking again does not help. */
  async function askAll(timeMs: number, signal: AbortSignal): Promise<Records | string> {
    const records: Records = [];
    for (const { name, expr } of questions.queries) {
      const answer = await ask(expr, timeMs, signal);
      if (typeof answer === 'string') return answer;
      const series = resultOf(answer);
      records.push(...series.slice(0, MOST_SERIES).map((one) => recordOf(name, timeMs, one)));
      if (series.length > MOST_SERIES)
        records.push(
          broken(
            `${name}:${timeMs}`,
            `${series.length - MOST_SERIES} of ${series.length} series of ${name} were left out: aggregate them`,
          ),
        );
    }
    return records;
  }

  async function ask(expr: string, timeMs: number, signal: AbortSignal) {
    const authorization = questions.authorization();
    const query = new URLSearchParams({ query: expr, time: String(timeMs / 1_000) });
    try {
      const answer = await outside.fetch(`${questions.url}/api/v1/query?${query}`, {
        headers: { accept: 'application/json', ...(authorization ? { authorization } : {}) },
        signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
      });
      const body = parseObject(await answer.text());
      if (answer.ok && typeof body !== 'string') return body;
      const why =
        typeof body === 'string'
          ? `status ${answer.status}`
          : `status ${answer.status}, ${text(body, 'error') ?? 'no reason'}`;
      if (answer.status >= 500 || answer.status === 429) return why;
      throw errors.refused(
        `Prometheus ${questions.url} refuses the question: ${why}`,
        'mend the query, or the secret, in the settings',
      );
    } catch (cause) {
      if (cause instanceof TypeError || (cause as Error).name === 'TimeoutError' || signal.aborted)
        return (cause as Error).message;
      throw cause;
    }
  }
}

interface Series {
  labels: Record<string, unknown>;
  value: string;
}

/** `vector` and `scalar`, as the HTTP API describes them. */
function resultOf(answer: object): Series[] {
  const type = text(answer, 'data', 'resultType');
  const result = (answer as { data?: { result?: unknown } }).data?.result;
  if (type === 'scalar' && Array.isArray(result)) return [{ labels: {}, value: String(result[1]) }];
  if (type !== 'vector')
    throw errors.refused(
      `a query of Prometheus gives ${type ?? 'nothing'}`,
      'ask for an instant vector or a scalar',
    );
  return objects(answer, 'data', 'result').map(({ metric, value }) => ({
    labels: isObject(metric) ? metric : {},
    value: Array.isArray(value) ? String(value[1]) : '',
  }));
}

function recordOf(query: string, timeMs: number, { labels, value }: Series): Records[number] {
  const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  const time = new Date(timeMs).toISOString();
  return {
    raw: Buffer.from(JSON.stringify({ time, query, labels: sorted, value })),
    position: `${query}:${timeMs}:${sha256(JSON.stringify(sorted)).slice(0, 16)}`,
    generation: 1,
  };
}

const broken = (position: string, reason: string): Records[number] => ({
  raw: Buffer.from(reason),
  position,
  generation: 1,
  broken: reason,
});

const missed = (from: number, to: number): Records[number] =>
  broken(
    `gap:${from}`,
    `not asked from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}: away for longer than lookBackHours`,
  );
