/** Disables an account in Entra, so that it gets no new tokens. Tokens that are out work until they end: revoke its sessions too. */
import { type Http, pathOf } from '../../targets/http.ts';
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
  readonly enabled: boolean;
}

export const entraDisableAccount = action<EntraInput, Before, { changed: boolean }>({
  id: 'entra.disable-account',
  title: 'Disable an account in Entra',
  untried: UNTRIED,
  risk: 'destructive',
  input: entraInput,
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const user = await findUser(http, input.user);
      return {
        plan: {
          targets: [entraTarget(input.system, user)],
          changes: user.accountEnabled ? [`~ account ${said(user.userPrincipalName)} becomes disabled`] : [],
          stays: [
            'access tokens that are out work for about an hour more, unless the service checks continuously',
            'an account that is synchronised from a directory is enabled again by the next synchronisation: disable it there',
          ],
          undo: user.accountEnabled ? 'enables the account again' : 'nothing: it was disabled before',
          proof: 'reads the account again',
          bounds: { accounts: 1 },
          observed: { accounts: 1 },
        },
        subjects: [entraSubject(input.system, user)],
        before: { id: user.id, enabled: user.accountEnabled },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.http(input.system, async (http) => ({ changed: await bring(http, before.id, false) })),
  verify: ({ input, before }, ctx) =>
    ctx.http(input.system, async (http) => {
      const user = await readUser(http, before.id);
      return user?.accountEnabled === true
        ? { outcome: 'not-proven', detail: 'Entra shows the account as enabled; plan a new run' }
        : {
            outcome: 'proven',
            detail: user === undefined ? 'the account is gone' : 'Entra shows the account as disabled',
          };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.http(input.system, async (http) => {
      if (!before.enabled)
        return { outcome: 'proven', detail: 'it was disabled before the run and stays so' };
      await bring(http, before.id, true);
      return (await readUser(http, before.id))?.accountEnabled === true
        ? { outcome: 'proven', detail: 'the account is enabled again' }
        : { outcome: 'not-proven', detail: 'the account is not enabled; enable it by hand' };
    }),
});

async function bring(http: Http, id: string, enabled: boolean): Promise<boolean> {
  const user = await findUser(http, id);
  if (user.accountEnabled === enabled) return false;
  await http.change(enabled ? 'enabling the account' : 'disabling the account', {
    method: 'PATCH',
    path: pathOf`/users/${id}`,
    body: { accountEnabled: enabled },
  });
  return true;
}
