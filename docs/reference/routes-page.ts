/** The page about every route of the API: what it does, who may call it, whether the call is recorded. */
import Fastify, { type RouteOptions } from 'fastify';
import { routes } from '../../server/api/routes.ts';
import type { Parts } from '../../server/parts.ts';
import { code, made, page, table } from './markdown.ts';

export async function routesPage(): Promise<string> {
  const rows: string[][] = [];
  const app = Fastify();
  app.setValidatorCompiler(() => () => true);
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') rows.push(rowOf(route));
  });
  // Routes are declared, never called: their handlers use the parts, the declarations do not.
  for (const group of routes) await app.register(group({} as Parts));
  await app.ready();
  await app.close();
  return page(
    '# Routes of the API',
    made('`server/api/`'),
    'Who may call: `any` is anybody with a token, `none` needs no token; `admin` may call everything. **Recorded** calls are entries of the ' +
      'audit trail, refused ones too. How to call: [api.md](api.md). Bodies and answers: `/openapi.json` of the running server.',
    table(['Route', 'Does', 'Who', 'Recorded'], rows),
  );
}

function rowOf({ method, url, schema, config }: RouteOptions): string[] {
  const { roles, audit } = config ?? {};
  const who = roles === 'public' ? 'none' : (roles?.join(', ') ?? 'any');
  // `@fastify/swagger` adds the summary to the type of a schema only where it is registered.
  const { summary = 'this list, with bodies and answers' } = (schema ?? {}) as { summary?: string };
  return [code(`${[method].flat().join(' ')} ${url}`), summary, who, audit ? 'yes' : ''];
}
