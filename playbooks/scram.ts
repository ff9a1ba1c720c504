/** How PostgreSQL keeps a password: made here, the server and its log never see the password itself. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

const ROUNDS = 4_096;

/** RFC 5803, as PostgreSQL stores it. The password is ASCII: none other needs preparing by SASLprep. */
export function scramVerifier(password: string, salt = randomBytes(16), rounds = ROUNDS): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const keyed = (what: string) => createHmac('sha256', salted).update(what).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}

/** Whether a stored verifier is that of this password. */
export function isVerifierOf(password: string, verifier: string): boolean {
  const [, rounds, salt] = /^SCRAM-SHA-256\$(\d{1,7}):([A-Za-z0-9+/=]+)\$/.exec(verifier) ?? [];
  if (rounds === undefined || salt === undefined) return false;
  const own = Buffer.from(scramVerifier(password, Buffer.from(salt, 'base64'), Number(rounds)));
  const other = Buffer.from(verifier);
  return own.length === other.length && timingSafeEqual(own, other);
}
