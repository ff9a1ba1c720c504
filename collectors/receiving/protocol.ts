/** What an HTTP receiver asks of the protocol that it speaks: which calls bring records, and how each call is answered. */
import type { SpoolFrame } from '../reading/spool-frame.ts';

export interface Call {
  readonly method: string;
  /** Without query, as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** How the sender calls itself; empty when it does not say. */
  readonly agent: string;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record as a call brought it; the receiver adds time and sender. */
export type Brought = Omit<SpoolFrame, 'receivedMs' | 'peer'>;

/** The records of a call, and what is answered once they are on disk. */
export interface Taken {
  readonly records: readonly Brought[];
  readonly answer: Answer;
}

export interface Protocol {
  /** For messages: `_bulk`. */
  readonly name: string;
  /** True when calls of this kind bring records. */
  brings(method: string, path: string): boolean;
  /** Takes a call apart; an answer alone when nothing of it can be taken. Throws at nothing. */
  take(call: Call): Taken | Answer;
  /** Answers every other call. */
  greet(call: Call): Answer;
  /** Says that nothing was taken because there is no room now. No answer ends the connection, so that the sender tries again. */
  full(call: Call, reason: string): Answer | undefined;
  /** Says that a call was refused as a whole: 401, 413, 503 … */
  refuse(status: number, reason: string, agent: string): Answer | undefined;
}

export const json = (status: number, body: unknown, headers?: Readonly<Record<string, string>>): Answer => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});
