/** An address that cannot be listened on, as a sentence with a remedy instead of a system error. */
import { errors } from '../core/errors.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; stop it or choose another port in the settings',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'ports below 1024 need a privilege; choose a higher one or grant CAP_NET_BIND_SERVICE',
};

/** For `.catch(cannotListen('API', '127.0.0.1:7788'))`. */
export const cannotListen =
  (what: string, address: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw errors.usage(`${what} cannot listen on ${address}: ${cause.message}`, REMEDIES[cause.code ?? '']);
  };
