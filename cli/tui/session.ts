/** One sitting at the console: keys and data in, frames out, and the terminal given back whatever happens. */
import { appendFileSync } from 'node:fs';
import type { Lang } from '../../core/i18n/catalogue.ts';
import type { Api } from '../api.ts';
import { drawing } from './app.tsx';
import { handle } from './keys/dispatch.ts';
import { TOAST_MS } from './present/footer.ts';
import { frameOf } from './present/frame.ts';
import { STALE_MS } from './present/header.ts';
import { type Console, consoleOf } from './store/console.ts';
import { follow } from './store/follow.ts';
import { held } from './store/queue.ts';
import { initialState, type State } from './store/state.ts';
import { frames } from './terminal/frames.ts';
import { type Input, type Output, terminal } from './terminal/terminal.ts';

export interface SessionOptions {
  api: Api;
  readonly: boolean;
  ascii: boolean;
  lang: Lang;
  environment: string;
  input: Input;
  output: Output;
  now?: () => number;
  /** Where the time and size of each frame are written, one JSON line per frame. */
  trace?: string;
  /** Stops the process so that the shell takes over. */
  stop?: () => void;
}

export interface Session {
  c: Console;
  /** Ends when the person quits; rejects when drawing fails. */
  ended: Promise<void>;
  end(): void;
  /** After being stopped by the shell: the screen again. */
  resume(): void;
}

/** Background data is painted at most five times a second. */
const BACKGROUND_MS = 200;
const TICK_MS = 1_000;

export function session(options: SessionOptions): Session {
  const { input, output, trace } = options;
  const now = options.now ?? Date.now;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let pressedAt: number | undefined;
  const painted = frames(output, (bytes) => {
    if (trace !== undefined)
      appendFileSync(
        trace,
        `${JSON.stringify({ at: now(), bytes, ...(pressedAt === undefined ? {} : { keyToPaintMs: performance.now() - pressedAt }) })}\n`,
      );
  });
  const ink = drawing(reject);
  let scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;
  let backgroundTimer: NodeJS.Timeout | undefined;

  const c = consoleOf({
    api: options.api,
    now,
    state: initialState({
      now: now(),
      size: { columns: output.columns, rows: output.rows },
      lang: options.lang,
      ascii: options.ascii,
      readonly: options.readonly,
      environment: options.environment,
      where: options.api.where,
    }),
    onChange(urgency) {
      if (urgency === 'background') backgroundTimer ??= setTimeout(paint, BACKGROUND_MS);
      else scheduled ??= setImmediate(paint);
    },
    repaint() {
      painted.forget();
    },
    suspend() {
      screen.leave();
      options.stop?.();
    },
    quit: () => end(),
  });

  const screen = terminal(input, output, {
    presses(presses) {
      pressedAt = performance.now();
      handle(c, presses);
      paint();
      pressedAt = undefined;
    },
    resize() {
      painted.forget();
      c.set({ size: { columns: output.columns, rows: output.rows } });
      paint();
    },
  });

  let isOver = false;
  function paint(): void {
    clearImmediate(scheduled as NodeJS.Immediate);
    clearTimeout(backgroundTimer);
    scheduled = undefined;
    backgroundTimer = undefined;
    if (isOver) return;
    c.state.now = now();
    let frame = frameOf(c);
    const { queue } = c.state;
    if (queue.height !== frame.queueHeight) {
      c.state.queue = held({ ...queue, height: frame.queueHeight });
      frame = frameOf(c);
    }
    c.pane = frame.pane;
    painted.paint(ink.draw(frame.lines, c.state.size.columns), c.state.size.columns, frame.cursor);
  }

  /** The clock moves the picture only when something it shows has changed. */
  let ticked = tickOf(c.state, now());
  const ticking = setInterval(() => {
    const next = tickOf(c.state, now());
    if (next !== ticked) paint();
    ticked = next;
  }, TICK_MS);
  const stopPolling = follow(c);

  function end(): void {
    if (isOver) return;
    isOver = true;
    stopPolling();
    clearInterval(ticking);
    clearImmediate(scheduled as NodeJS.Immediate);
    clearTimeout(backgroundTimer);
    ink.close();
    screen.leave();
    resolve();
  }

  screen.enter();
  paint();
  return {
    c,
    ended,
    end,
    resume() {
      screen.enter();
      painted.forget();
      paint();
    },
  };
}

function tickOf({ connection, messages, dialog }: State, now: number): string {
  const isStale = connection.okAt !== undefined && now - connection.okAt > STALE_MS;
  const toast = messages.at(-1);
  const hasToast = toast !== undefined && now - toast.at < TOAST_MS;
  return [
    Math.floor(now / 60_000),
    isStale ? Math.floor(now / 1_000) : '',
    hasToast,
    dialog?.kind ?? '',
  ].join(' ');
}
