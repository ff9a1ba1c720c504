/** Identifiers of citizens by check digit; all numbers here are made up. */
import { describe, expect, it } from 'vitest';
import { identifierKind, maskIdentifiers, pseudonyms } from './personal-data.ts';

describe('identifiers of citizens', () => {
  it.each([
    ['123456789', 'nif'],
    ['501442600', 'nif'],
    ['450000001', 'nif'],
    ['123456788', undefined],
    ['400000008', undefined],
    ['11234567892', 'niss'],
    ['11234567891', undefined],
    ['31234567890', undefined],
  ])('%s is %s', (digits, kind) => {
    expect(identifierKind(digits)).toBe(kind);
  });

  it.each([
    ['nif=123456789 paid', 'nif=<nif> paid'],
    ['NIF PT123456789, next', 'NIF <nif>, next'],
    ['nif 123 456 789.', 'nif <nif>.'],
    ['niss:11234567892', 'niss:<niss>'],
    ['"123456789"', '"<nif>"'],
    ['a 123456789 b 501442600 c', 'a <nif> b <nif> c'],
  ])('are hidden in %s', (text, masked) => {
    expect(maskIdentifiers(text)).toBe(masked);
  });

  it.each(['x123456789', '1234567890', '0.123456789', '123456789.5', '2026-11-21 09:00:03', '123 456.789'])(
    'are not seen in %s',
    (text) => {
      expect(maskIdentifiers(text)).toBe(text);
    },
  );

  it('stay comparable under a key, and differ under another', () => {
    const [one, other] = [pseudonyms('k'.repeat(32)), pseudonyms('l'.repeat(32))];
    const text = maskIdentifiers('123456789 and 123 456 789 but 501442600', one);
    const [first, second, third] = text.match(/<nif:[0-9a-f]{16}>/g)!;
    expect(first).toBe(second);
    expect(third).not.toBe(first);
    expect(maskIdentifiers('123456789', other)).not.toBe(first);
    expect(one('niss', '123456789')).not.toBe(one('nif', '123456789'));
  });

  it('are searched in linear time', () => {
    const text = '123 456 78 '.repeat(90_000);
    const started = process.cpuUsage().user;
    maskIdentifiers(text);
    maskIdentifiers('1'.repeat(1_000_000));
    expect(process.cpuUsage().user - started).toBeLessThan(1_000_000);
  });
});
