/** Keeps what people agreed on (exceptions) at hand for detection: read again when it is older than two seconds. */
import { covering, type ExceptionPolicy } from '../core/exceptions/index.ts';
import { findAll } from '../core/find-all.ts';
import type { Store } from '../core/store.ts';
import type { Known } from '../detections/index.ts';

/** A person who approves an exception sees it hold after so long. */
const FRESH_MS = 2_000;

export interface KnowledgeOptions {
  store: Pick<Store, 'documents'>;
  exceptions: ExceptionPolicy;
  now: () => number;
}

/** Nothing is read before somebody asks: most commands never do. Throws when the store does not answer; the caller waits for it. */
export function knowledge({ store, exceptions, now }: KnowledgeOptions): () => Promise<Known> {
  let known: Promise<Known> | undefined;
  let readMs = 0;
  return () => {
    if (known !== undefined && Math.abs(now() - readMs) < FRESH_MS) return known;
    readMs = now();
    const reading = read();
    reading.catch(() => {
      if (known === reading) known = undefined;
    });
    known = reading;
    return reading;
  };

  async function read(): Promise<Known> {
    const stored = await findAll(store.documents, 'exception');
    return {
      exceptions: covering(
        stored.map(({ body }) => body),
        exceptions,
        now,
      ),
    };
  }
}
