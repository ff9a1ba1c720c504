/** Who runs a command on the machine that holds the embedded store: the operating system's user, with every role. */
import { userInfo } from 'node:os';
import { type Identity, ROLES } from './tokens.ts';

/** Whoever can open the store file could do all of it anyway; two-person rules still tell people apart by name. */
export const localIdentity = (): Identity => ({ user: userInfo().username, roles: ROLES });
