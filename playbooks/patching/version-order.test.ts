import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareVersions } from './version-order.ts';

const IN_ORDER = [
  ['1.0~rc1-1', '1.0-1'],
  ['1.0-1', '1.0-1+b1'],
  ['3.0.20-1~deb12u1', '3.0.20-1'],
  ['3.0.9-1', '3.0.20-1'],
  ['9.9', '1:0.1'],
  ['1.0a', '1.0+'],
  ['1.0', '1.0.0'],
  ['1.0-1~~', '1.0-1~'],
  ['2.36-9+deb12u9', '2.36-9+deb12u14'],
  ['1.2-3-4', '1.2-3-5'],
  ['20240203', '20240203.1'],
  ['1.00000000000000000000002', '1.00000000000000000000010'],
] as const;

describe('the order of versions', () => {
  it.each(IN_ORDER)('has %s before %s', (a, b) => {
    expect([Math.sign(compareVersions(a, b)), Math.sign(compareVersions(b, a))]).toEqual([-1, 1]);
    expect(compareVersions(a, a)).toBe(0);
  });

  it('takes leading zeros for nothing', () => {
    expect(compareVersions('1.007-01', '1.7-1')).toBe(0);
  });

  it.runIf(existsSync('/usr/bin/dpkg'))('is that of dpkg', () => {
    for (const [a, b] of IN_ORDER)
      expect(() => execFileSync('/usr/bin/dpkg', ['--compare-versions', a, 'lt', b])).not.toThrow();
  });
});
