/** API tokens: shown once, kept as a hash, expiring, with roles. Form: `vigia_<id>_<secret>`. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role, Token } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { everyDocument } from '../core/find-all.ts';
import { sha256 } from '../core/ids.ts';
import type { Store } from '../core/store.ts';

/** Who is asking, as every action and audit entry names them. */
export interface Identity {
  user: string;
  roles: readonly Role[];
}

export const ROLES: readonly Role[] = ['viewer', 'analyst', 'responder', 'approver', 'admin', 'auditor'];

const DAY_MS = 86_400_000;

export function tokens(store: Store, now: () => number) {
  return {
    /** Makes a token; the text is not kept and cannot be shown again. */
    async create(
      user: string,
      roles: readonly Role[],
      days: number,
    ): Promise<{ token: string; expires: string; id: string }> {
      const id = randomBytes(6).toString('hex');
      const secret = randomBytes(24).toString('base64url');
      const expires = new Date(now() + days * DAY_MS).toISOString();
      const body: Token = {
        id,
        user,
        roles: [...roles],
        hash: sha256(secret),
        created: new Date(now()).toISOString(),
        expires,
      };
      await store.documents.create('token', id, body);
      return { token: `vigia_${id}_${secret}`, expires, id };
    },

    async identify(text: string): Promise<Identity> {
      const [, id, secret] = /^vigia_([0-9a-f]{12})_([\w-]{20,64})$/.exec(text) ?? [];
      const token = id ? (await store.documents.get('token', id))?.body : undefined;
      const matches =
        token && secret && timingSafeEqual(Buffer.from(sha256(secret)), Buffer.from(token.hash));
      if (!matches) throw errors.unauthenticated('the token is not known');
      if (token.revoked) throw errors.unauthenticated('the token was revoked');
      if (Date.parse(token.expires) <= now())
        throw errors.unauthenticated(`the token expired on ${token.expires.slice(0, 10)}`);
      return { user: token.user, roles: token.roles };
    },

    async list(): Promise<Omit<Token, 'hash'>[]> {
      const shown: Omit<Token, 'hash'>[] = [];
      for await (const { body } of everyDocument(store.documents, 'token', { sort: ['-created'] })) {
        const { hash: _, ...rest } = body;
        shown.push(rest);
      }
      return shown;
    },

    async revoke(id: string): Promise<void> {
      const token = await store.documents.get('token', id);
      if (!token) throw errors.notFound('token', id);
      await store.documents.update('token', id, { ...token.body, revoked: true }, token.version);
    },
  };
}
export type Tokens = ReturnType<typeof tokens>;
