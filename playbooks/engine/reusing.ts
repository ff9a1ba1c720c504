/** Targets while a flow is planned: one connection each for all steps, instead of one for each question; and how many questions there were. */
import type { ActionContext } from '../action.ts';

export interface Reusing {
  readonly context: ActionContext;
  /** Questions put to targets so far. */
  reads(): number;
  close(): Promise<void>;
}

interface Open {
  readonly client: Promise<object>;
  close(): Promise<void>;
}

/** Only for reading: what acts or proves needs a connection of its own, to see what a newcomer would see. */
export function reusing(context: ActionContext): Reusing {
  const connections = new Map<string, Open>();
  let reads = 0;
  /** Each call of a method of a client is one question. */
  const counted = <C extends object>(client: C): C =>
    new Proxy(client, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => {
          reads += 1;
          return member.apply(target, given);
        };
      },
    });
  const through =
    <C extends object>(connect: <T>(system: string, use: (client: C) => Promise<T>) => Promise<T>) =>
    async <T>(system: string, use: (client: C) => Promise<T>): Promise<T> => {
      let connection = connections.get(system);
      if (connection === undefined) connections.set(system, (connection = keepOpen(connect, system)));
      // Whatever is kept under this name was opened by this very connector: a system has one kind.
      return await use(counted((await connection.client) as C));
    };
  return {
    context: {
      ...context,
      directory: through(context.directory),
      postgresql: through(context.postgresql),
      mariadb: through(context.mariadb),
      oracle: through(context.oracle),
      sqlserver: through(context.sqlserver),
      host: through(context.host),
      http: through(context.http),
    },
    reads: () => reads,
    async close() {
      await Promise.all([...connections.values()].map((connection) => connection.close()));
    },
  };
}

function keepOpen<C extends object>(
  connect: <T>(system: string, use: (client: C) => Promise<T>) => Promise<T>,
  system: string,
): Open {
  const ready = Promise.withResolvers<object>();
  const over = Promise.withResolvers<void>();
  const ended = connect(system, async (client) => {
    ready.resolve(client);
    await over.promise;
  }).catch((cause: unknown) => ready.reject(cause));
  // Whoever asked first meets the failure; nobody else must be there for it.
  ready.promise.catch(() => undefined);
  return {
    client: ready.promise,
    async close() {
      over.resolve();
      await ended;
    },
  };
}
