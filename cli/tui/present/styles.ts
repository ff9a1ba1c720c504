/** Signs of messages: a symbol and a word, never a colour alone. */
import type { Message } from '../store/state.ts';
import type { Style } from './line.ts';

export const STYLES: Readonly<Record<Message['kind'], { sign: string; style: Style }>> = {
  done: { sign: '✓', style: 'ok' },
  problem: { sign: '✖', style: 'fail' },
  info: { sign: '·', style: 'plain' },
};
