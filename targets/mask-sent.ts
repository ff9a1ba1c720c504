/** Hides what we sent from what a system says about it: error pages show the request, and what they say is kept and shown. */
import { MASK } from '../core/secrets.ts';

/** Also where it stands encoded for a URL. Empty ones are left out. */
export const maskSent = (said: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    // The longest first: one may begin another.
    .sort((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, MASK), said);
