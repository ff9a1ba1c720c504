/** Every provider: adding one is its file, its test and a line here. */
import type { Provider } from '../provider.ts';
import { directoryGroup } from './directory-group.ts';
import { postgresqlRole } from './postgresql-role.ts';
import { sshKey } from './ssh-key.ts';

export const providers: readonly Provider[] = [directoryGroup, postgresqlRole, sshKey];
