/** What the log looks like to a machine and to a person, and what outside text can do to it: nothing. */
import { describe, expect, it } from 'vitest';
import { openLog } from './log.ts';

const HOSTILE = 'file \u001b[2J\u009b31m\u202e\nroot logged in';

function logged(isTTY: boolean, write: (log: ReturnType<typeof openLog>) => void, level = 'info'): string {
  let text = '';
  const sink = {
    isTTY,
    write: (more: string) => {
      text += more;
    },
  };
  write(openLog(sink, level));
  return text;
}

describe('the log', () => {
  it('is one JSON document a line for a machine', () => {
    const text = logged(false, (log) => log.warn(HOSTILE));
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({ level: 40, msg: expect.stringContaining('root logged in') });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u0080-\u009f\u202e]/);
  });

  it('is one plain line for a person', () => {
    const text = logged(true, (log) => log.warn(HOSTILE));
    expect(text).toMatch(/^\d\d:\d\d:\d\d warn {2}file ␛\[2J⟨009B⟩31m⟨202E⟩␊root logged in\n$/);
  });

  it('keeps the stack of a bug for both', () => {
    const write = (log: ReturnType<typeof openLog>) => log.error({ err: new Error('oh'), source: 'a' });
    expect(JSON.parse(logged(false, write))).toMatchObject({
      err: { message: 'oh', stack: expect.any(String) },
    });
    expect(logged(true, write)).toMatch(/error oh source="a"\nError: oh\n\s+at /);
  });

  it('says that a level does not exist, and goes on with the usual one', () => {
    const text = logged(true, (log) => log.info('here'), 'loud');
    expect(text).toMatch(/VIGIA_LOG=loud is no level; one of .*\n.*here\n$/);
  });
});
