/**
 * Who may send: lines `name:secret`. A sender shows them as Basic (`name:secret`), as an Elasticsearch API key (the same two
 * parts, encoded) or as a bearer token (`name:secret`, or the secret alone).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { errors } from '../../core/errors.ts';

export type Admit = (authorization: string | undefined) => boolean;

const digest = (text: string) => createHash('sha256').update(text).digest();

/** `# comments` and empty lines are left out; `what` names the source in messages, which hold no secret. */
export function admitting(lines: string, what: string): Admit {
  const known: Buffer[] = [];
  for (const [index, line] of lines.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, secret] = /^([^:\s]+):(\S.*)$/.exec(line) ?? [];
    if (name === undefined || secret === undefined)
      throw errors.usage(`${what}: line ${index + 1} of the credentials is not "name:secret"`);
    known.push(digest(`${name}:${secret}`), digest(secret));
  }
  if (known.length === 0)
    throw errors.usage(`${what}: the credentials hold no line "name:secret"`, 'one line for each sender');
  // All are compared, so that the time tells nothing.
  const isKnown = (shown: string) => known.filter((one) => timingSafeEqual(one, digest(shown))).length > 0;
  return (authorization) => {
    const [, scheme = '', value = ''] = /^(\w+)\s+(\S.*)$/.exec(authorization ?? '') ?? [];
    switch (scheme.toLowerCase()) {
      case 'basic':
      case 'apikey': {
        const pair = Buffer.from(value, 'base64').toString();
        return pair.includes(':') && isKnown(pair);
      }
      case 'bearer':
        return isKnown(value);
      default:
        return false;
    }
  };
}
