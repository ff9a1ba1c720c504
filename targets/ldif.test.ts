import { describe, expect, it } from 'vitest';
import { readLdif, writeLdif } from './ldif.ts';

const texts = (text: string) =>
  readLdif(text, 'export.ldif').map(({ dn, attributes }) => ({
    dn,
    ...Object.fromEntries([...attributes].map(([name, values]) => [name, values.map(String)])),
  }));

describe('an LDIF export', () => {
  it('is read with folded lines, comments, Base64 and either line end', () => {
    const text = [
      'version: 1',
      '# a comment,',
      '  folded',
      'dn: CN=Ana Sousa,OU=St',
      ' aff,DC=example,DC=test\r',
      'cn:: SsO6bGlh',
      'member: a',
      'member: b',
      '',
      'dn:: T1U9w4ks',
      'description:',
    ].join('\n');
    expect(texts(text)).toEqual([
      { dn: 'CN=Ana Sousa,OU=Staff,DC=example,DC=test', cn: ['Júlia'], member: ['a', 'b'] },
      { dn: 'OU=É,', description: [''] },
    ]);
  });

  it('comes back from writing as it was, bytes and odd texts too', () => {
    const bytes = Buffer.from([0, 1, 255, 10, 13]);
    const odd = [' leading', 'trailing ', ':colon', '<less', 'Júlia', 'a\nb', '', '#no comment'];
    const entry = {
      dn: 'CN=ñ,DC=example',
      attributes: new Map([
        ['objectSid', [bytes]],
        ['cn', odd.map((text) => Buffer.from(text))],
      ]),
    };
    expect(readLdif(writeLdif([entry, entry]), 'x')).toEqual([entry, entry]);
  });

  it('names every mistake with its line', () => {
    const text = 'cn: early\ndn: DC=x\nno value\nphoto:< file:///etc/passwd\nchangetype: modify\n';
    let problems: unknown;
    try {
      readLdif(text, 'export.ldif');
    } catch (cause) {
      problems = (cause as { problems: { line: number; message: string }[] }).problems;
    }
    expect(problems).toMatchObject([
      { line: 1, message: expect.stringContaining('before the first "dn:"') },
      { line: 3, message: expect.stringContaining('attribute: value') },
      { line: 4, message: expect.stringContaining('another file') },
      { line: 5, message: expect.stringContaining('is a change') },
    ]);
  });
});
