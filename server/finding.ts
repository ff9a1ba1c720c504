/** One line of what the doctor saw. */
import { VigiaError } from '../core/errors.ts';

export interface Finding {
  area: 'settings' | 'store' | 'rules' | 'sources' | 'targets' | 'on-call' | 'secrets' | 'clock';
  name: string;
  ok: boolean;
  detail: string;
  /** What to do when it is not. */
  remedy?: string;
}

/** A failure that an installation may have; anything else is a bug of ours and thrown on. */
export function failed(area: Finding['area'], name: string, cause: unknown): Finding {
  if (!(cause instanceof VigiaError) && (cause as NodeJS.ErrnoException).code === undefined) throw cause;
  const remedy = cause instanceof VigiaError ? cause.hint : undefined;
  return { area, name, ok: false, detail: (cause as Error).message, ...(remedy ? { remedy } : {}) };
}
