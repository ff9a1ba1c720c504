/** Secrets in command lines: hidden in every form we know, and nothing else is. */
import { describe, expect, it } from 'vitest';
import { maskSecrets } from './secrets.ts';

describe('maskSecrets', () => {
  it.each([
    "sh -c 'useradd x; echo svc:S3cret! | chpasswd; id'",
    "echo 'S3cret!' | passwd --stdin bob",
    "printf 'S3cret!\\nS3cret!\\n' | sudo /usr/bin/passwd bob",
    'chpasswd <<< "bob:S3cret!"',
    'chpasswd <<EOF\nbob:S3cret!\nEOF',
    'mysql -u root -pS3cret! db',
    'mysqldump --password=S3cret! db',
    "sshpass -p 'S3cret! x' ssh a@b",
    'PGPASSWORD=S3cret! psql',
    'psql postgresql://app:S3cret!@db/x',
    'curl -u bob:S3cret! https://x',
    'curl -H "Authorization: Bearer S3cret!"',
    "useradd -m -p 'S3cret!' x",
    'smbclient -U dom/bob%S3cret! //a/b',
    'ldapsearch -D cn=x -w S3cret! -b y',
    `psql -c "ALTER ROLE x PASSWORD 'S3cret!'"`,
    '{"password": "S3cret!"}',
    'tool --db-password S3cret! --verbose',
    'htpasswd -b /etc/x bob S3cret!',
    'openssl passwd -6 S3cret!',
  ])('hides the secret of %s', (text) => {
    expect(maskSecrets(text)).not.toContain('S3cret!');
    expect(maskSecrets(text)).toContain('<masked>');
  });

  it.each([
    "passwd[221]: password for 'x' changed by 'root'",
    'pam_unix(passwd:chauthtok): password changed for x',
    'sudo: a : PWD=/home/a ; USER=root ; COMMAND=/bin/ls -U /srv',
    'Failed password for root from 192.0.2.1 port 5 ssh2',
    'GET https://example.test/a:b/c',
  ])('leaves %s alone', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it('keeps the account and the commands around a hidden password', () => {
    expect(maskSecrets("sh -c 'useradd x; echo svc:S3cret! | chpasswd; id'")).toBe(
      "sh -c 'useradd x; echo svc:<masked> | chpasswd; id'",
    );
  });

  it('changes nothing the second time', () => {
    const once = maskSecrets('mysql -pS3cret! --password=x; echo a:b | chpasswd');
    expect(maskSecrets(once)).toBe(once);
  });
});
