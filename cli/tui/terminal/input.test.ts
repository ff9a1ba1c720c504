/** What a terminal sends, as keys. */
import { describe, expect, it } from 'vitest';
import { flushInput, parseInput } from './input.ts';

const names = (input: string) =>
  parseInput(input).presses.map((press) => (press.kind === 'key' ? press.name : `paste:${press.text}`));

describe('reading keys', () => {
  it('counts every key that arrives glued in one chunk', () => {
    expect(names('jjj\u001b[B\u001b[5~G')).toEqual(['j', 'j', 'j', 'down', 'pgup', 'G']);
  });

  it('waits for the rest of a sequence cut anywhere', () => {
    const whole = '\u001b[6~';
    for (let at = 1; at < whole.length; at += 1) {
      const first = parseInput(whole.slice(0, at));
      expect(first.presses).toEqual([]);
      expect(names(first.rest + whole.slice(at))).toEqual(['pgdn']);
    }
  });

  it('takes a lone escape for the key only when nothing follows', () => {
    expect(parseInput('\u001b')).toEqual({ presses: [], rest: '\u001b' });
    expect(flushInput('\u001b')).toEqual([{ kind: 'key', name: 'esc' }]);
    expect(flushInput('\u001b[1')).toEqual([]);
  });

  it('never lets the letter of an Alt combination act', () => {
    expect(names('\u001ba')).toEqual(['esc']);
  });

  it('gives a bracketed paste as one text, also when it comes in pieces', () => {
    const first = parseInput('\u001b[200~one\r');
    expect(first.presses).toEqual([]);
    expect(names(`${first.rest}two\u001b[201~j`)).toEqual(['paste:one\rtwo', 'j']);
  });

  it.each(['\u001bOP', '\u001b[15~', '\u001b[<0;10;10M', '\u001b[M !!', '\u001b[?62;c', '\u001b[200;5u'])(
    'swallows %j, which no key is bound to',
    (sequence) => {
      expect(names(`${sequence}j`)).toEqual(['j']);
    },
  );

  it('names control keys and keeps letters of any language', () => {
    expect(names('\u0003\u0004\t\r\u007f çã🙂')).toEqual([
      'ctrl-c',
      'ctrl-d',
      'tab',
      'enter',
      'backspace',
      'space',
      'ç',
      'ã',
      '🙂',
    ]);
  });
});
