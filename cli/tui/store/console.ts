/** The console without its screen: state, the API, messages, and an idle signal. Everything else is a function over it. */
import { VigiaError } from '../../../core/errors.ts';
import { type Messages, messages } from '../../../core/i18n/catalogue.ts';
import { type Shown, visible } from '../../../core/visible.ts';
import type { Api } from '../../api.ts';
import type { Message, State } from './state.ts';

/** What the last frame drew: keys act on what a person sees. */
export interface Pane {
  kind: 'list' | 'text';
  ids: readonly string[];
  height: number;
}

export interface Console {
  readonly api: Api;
  readonly state: State;
  pane: Pane;
  say: Messages;
  now(): number;
  /** Changes what is shown; `background` data is painted a few times a second, a person's own keys at once. */
  set(change: Partial<State>, urgency?: 'background'): void;
  tell(kind: Message['kind'], text: Shown): void;
  /** Counts work under way, so that tests and `idle` know about it; failures become a message. */
  run(work: Promise<unknown>): void;
  idle(): Promise<void>;
  /** Draws every line again. */
  repaint(): void;
  suspend(): void;
  quit(): void;
}

export interface ConsoleOptions {
  api: Api;
  state: State;
  now: () => number;
  onChange: (urgency: 'now' | 'background') => void;
  repaint?: () => void;
  suspend?: () => void;
  quit: () => void;
}

const MESSAGES_KEPT = 200;

export function consoleOf(options: ConsoleOptions): Console {
  let state = options.state;
  let under = 0;
  let waiting: (() => void)[] = [];
  const self: Console = {
    api: options.api,
    get state() {
      return state;
    },
    pane: { kind: 'list', ids: [], height: 16 },
    say: messages(state.lang),
    now: options.now,
    set(change, urgency) {
      state = { ...state, ...change };
      if (change.lang) self.say = messages(change.lang);
      options.onChange(urgency ?? 'now');
    },
    tell(kind, text) {
      // The same again (a refusal at every reading, say) is one message with the newest time.
      const before = state.messages.at(-1)?.text === text ? state.messages.slice(0, -1) : state.messages;
      self.set({ messages: [...before.slice(-MESSAGES_KEPT), { at: options.now(), kind, text }] });
    },
    run(work) {
      under += 1;
      work
        .catch((cause: unknown) => self.tell('problem', reasonOf(cause)))
        .finally(() => {
          under -= 1;
          if (under > 0) return;
          for (const done of waiting) done();
          waiting = [];
        });
    },
    idle: () => (under === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    repaint: options.repaint ?? (() => undefined),
    suspend: options.suspend ?? (() => undefined),
    quit: options.quit,
  };
  return self;
}

/** A sentence about a failure. Texts of the server may carry outside text. */
export function reasonOf(cause: unknown): Shown {
  if (cause instanceof VigiaError)
    return visible(cause.hint ? `${cause.message} → ${cause.hint}` : cause.message);
  // Anything else is a bug of ours: it must end the program with its stack, not hide in a message line.
  setImmediate(() => {
    throw cause;
  });
  return visible(cause instanceof Error ? cause.message : String(cause));
}

/** The API cannot be reached, as against: it was reached and said no. */
export const isOffline = (cause: unknown): boolean => cause instanceof VigiaError && cause.exitCode === 3;

/** Asks the API and notes whether it answers. */
export async function ask<T>(c: Console, call: () => Promise<T>): Promise<T> {
  try {
    const answer = await call();
    const wasLive = c.state.connection.state === 'live';
    if (wasLive) c.state.connection.okAt = c.now();
    else c.set({ connection: { state: 'live', okAt: c.now() } }, 'background');
    return answer;
  } catch (cause) {
    const { connection } = c.state;
    if (isOffline(cause) && connection.state !== 'offline')
      c.set({ connection: { ...connection, state: 'offline', since: c.now() } }, 'background');
    throw cause;
  }
}
