/** Every provider: adding one is its file, its test and a line here. */
import type { Provider } from '../provider.ts';
import { postgresqlRole } from './postgresql-role.ts';

export const providers: readonly Provider[] = [postgresqlRole];
