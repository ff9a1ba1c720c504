import { expect, it } from 'vitest';
import { parseRpm } from './dnf.ts';

it('reads what rpm has and what dnf would update, with the source package that advisories name', () => {
  const installed = [
    'openssl-libs.x86_64\t1:3.0.7-27.el9\topenssl-3.0.7-27.el9.src.rpm',
    'nginx-core.x86_64\t1:1.20.1-14.el9\tnginx-1.20.1-14.el9.src.rpm',
    'gpg-pubkey.(none)\t5a6340b3-6229229e\t(none)',
  ].join('\n');
  const upgrades =
    'openssl-libs.x86_64\t1:3.0.7-28.el9_4\tbaseos\nopenssl-libs.x86_64\t1:3.0.7-28.el9_4\tbaseos\nkernel-core.x86_64\t5.14.0-427.el9\tbaseos\n\n';
  expect(parseRpm(installed, upgrades)).toEqual({
    installed: [
      { name: 'openssl-libs.x86_64', version: '1:3.0.7-27.el9' },
      { name: 'nginx-core.x86_64', version: '1:1.20.1-14.el9' },
      { name: 'gpg-pubkey.(none)', version: '5a6340b3-6229229e' },
    ],
    updates: [
      {
        name: 'openssl-libs.x86_64',
        source: 'openssl',
        from: '1:3.0.7-27.el9',
        to: '1:3.0.7-28.el9_4',
        origin: 'baseos',
      },
      { name: 'kernel-core.x86_64', source: 'kernel-core', to: '5.14.0-427.el9', origin: 'baseos' },
    ],
  });
});
