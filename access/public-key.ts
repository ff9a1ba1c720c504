/** A public key as a person pastes it: one line of a known kind, without options, the comment left out. */
import ssh2 from 'ssh2';
import { errors } from '../core/errors.ts';

const KINDS = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];

/** Only the kind and the key itself, so that nothing else can reach a file of the host. */
export function publicKey(written: string): string {
  const [, kind = '', base64 = ''] =
    /^\s*([a-z0-9-]+) ([A-Za-z0-9+/]{40,8000}={0,2})(?: [^\r\n]*)?\s*$/.exec(written) ?? [];
  const parsed = KINDS.includes(kind) ? ssh2.utils.parseKey(`${kind} ${base64}`) : new Error('not known');
  if (parsed instanceof Error || parsed.isPrivateKey())
    throw errors.usage(
      'that is no public key',
      'give the one line of a .pub file, for instance "ssh-ed25519 AAAA… anna"',
    );
  return `${kind} ${base64}`;
}
