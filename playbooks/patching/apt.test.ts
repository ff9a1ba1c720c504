import { describe, expect, it } from 'vitest';
import { parseInstalled, parseSimulation } from './apt.ts';

describe('what apt would do', () => {
  // As recorded on Debian 12.
  const text = `Reading package lists...
Building dependency tree...
The following packages have been kept back:
  linux-image-amd64
  postgresql-15 postgresql-client-15
The following packages will be upgraded:
  libssl3 openssl
2 upgraded, 1 newly installed, 0 to remove and 3 not upgraded.
Inst linux-image-6.1.0-41-amd64 (6.1.158-1 Debian-Security:12/oldstable-security [amd64])
Inst libssl3:i386 [3.0.20-1~deb12u1] (3.0.22-1~deb12u2 Debian-Security:12/oldstable-security, Debian:12.12/oldstable [i386]) [libssl3:amd64 ]
Inst openssl [3.0.20-1~deb12u1] (3.0.22-1~deb12u2 testbed-security [amd64])
Remv exim4 [4.96-15]
Conf openssl (3.0.22-1~deb12u2 testbed-security [amd64])
`;

  it('is read with what is new, what comes from where, what is kept back and what would go', () => {
    expect(parseSimulation(text)).toEqual({
      updates: [
        {
          name: 'linux-image-6.1.0-41-amd64',
          to: '6.1.158-1',
          origin: 'Debian-Security:12/oldstable-security',
        },
        {
          name: 'libssl3:i386',
          from: '3.0.20-1~deb12u1',
          to: '3.0.22-1~deb12u2',
          origin: 'Debian-Security:12/oldstable-security, Debian:12.12/oldstable',
        },
        { name: 'openssl', from: '3.0.20-1~deb12u1', to: '3.0.22-1~deb12u2', origin: 'testbed-security' },
      ],
      removed: ['exim4'],
      held: ['linux-image-amd64', 'postgresql-15', 'postgresql-client-15'],
    });
  });

  it('is nothing when the host is up to date', () => {
    expect(parseSimulation('Reading package lists...\n')).toEqual({ updates: [], removed: [], held: [] });
  });
});

describe('the list of installed packages', () => {
  it('names packages as apt does, and leaves out what is only half there', () => {
    const rows = [
      'dpkg\t1.21.22\tamd64\tii \tdpkg',
      'libssl3:amd64\t3.0.20\tamd64\tii \topenssl',
      'libssl3:i386\t3.0.20\ti386\tii \topenssl',
      'nginx\t1.22\tamd64\trc ',
      'openssl\t3.0.22\tamd64\tiF ',
    ];
    expect([...parseInstalled(rows.join('\n'))]).toEqual([
      ['dpkg', { version: '1.21.22', source: 'dpkg' }],
      ['libssl3', { version: '3.0.20', source: 'openssl' }],
      ['libssl3:i386', { version: '3.0.20', source: 'openssl' }],
    ]);
  });
});
