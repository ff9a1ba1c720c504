/** What detection knows besides its rules and the event: what people agreed on and wrote down. Asked once for each batch. */
import { type Covering, NO_EXCEPTIONS } from '../core/exceptions/index.ts';

export interface Known {
  exceptions: Covering;
}

export const NOTHING_KNOWN: Known = { exceptions: NO_EXCEPTIONS };

export const knowsNothing = async (): Promise<Known> => NOTHING_KNOWN;
