/** Makes every refresh token and browser session of an Entra account void. Disable the account first, or it signs in again. */
import { pathOf } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import {
  type EntraInput,
  entraInput,
  entraSubject,
  entraTarget,
  findUser,
  readUser,
  UNTRIED,
} from '../entra.ts';

interface Before {
  readonly id: string;
  readonly validFrom: string | null;
}

export const entraRevokeSessions = action<EntraInput, Before, { asked: true }>({
  id: 'entra.revoke-sessions',
  title: 'Revoke the sessions of an Entra account',
  untried: UNTRIED,
  risk: 'destructive',
  input: entraInput,
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const user = await findUser(http, input.user);
      return {
        plan: {
          targets: [entraTarget(input.system, user)],
          changes: [`- sessions and refresh tokens of ${said(user.userPrincipalName)} become void`],
          stays: [
            'access tokens that are out work for about an hour more, unless the service checks continuously',
            ...(user.accountEnabled ? ['the account may sign in again'] : []),
          ],
          undo: 'impossible: people sign in again',
          proof: 'reads from when on sessions count',
          bounds: { accounts: 1 },
          observed: { accounts: 1 },
        },
        subjects: [entraSubject(input.system, user)],
        before: { id: user.id, validFrom: user.signInSessionsValidFromDateTime },
      };
    }),
  act: ({ input, before: { id } }, ctx) =>
    ctx.http(input.system, async (http) => {
      await http.change('revoking sessions', {
        method: 'POST',
        path: pathOf`/users/${id}/revokeSignInSessions`,
      });
      return { asked: true };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.http(input.system, async (http) => {
      const user = await readUser(http, before.id);
      if (user === undefined) return { outcome: 'proven', detail: 'the account is gone' };
      const validFrom = user.signInSessionsValidFromDateTime;
      return validFrom !== null && Date.parse(validFrom) > Date.parse(before.validFrom ?? '1970-01-01')
        ? { outcome: 'proven', detail: `sessions from before ${validFrom} are void` }
        : {
            outcome: 'not-proven',
            detail: 'Entra does not show it yet; it may take minutes: resume the run to ask again',
          };
    }),
  undo: 'people sign in again',
});
