/** What detection knows besides its rules and the event: what people agreed on and wrote down. Asked once for each batch. */
import type { Deed, Grant } from '../core/documents.ts';
import { type Covering, NO_EXCEPTIONS } from '../core/exceptions/index.ts';
import type { IndicatorSet } from './indicators/set.ts';

export interface Known {
  exceptions: Covering;
  /** The list of that name, when there is one. */
  lists(name: string): IndicatorSet | undefined;
  /** Grants that hold at some moment of a span (ISO); read when it is asked, so that one given a moment ago counts. */
  grants(from: string, to: string): Promise<Grant[]>;
  /** What Vigia itself did on targets at some moment of a span, as fresh. */
  deeds(from: string, to: string): Promise<Deed[]>;
  /** Was anybody ever given a grant on that system? */
  isManaged(system: string): boolean;
}

export const NOTHING_KNOWN: Known = {
  exceptions: NO_EXCEPTIONS,
  lists: () => undefined,
  grants: async () => [],
  deeds: async () => [],
  isManaged: () => false,
};

export const knowsNothing = async (): Promise<Known> => NOTHING_KNOWN;
