/** The facts of a statement under the names that events give them: `vigia.mariadb`. */
import type { StatementFacts } from './statement.ts';

const some = (list: readonly string[], key: string) =>
  list.length === 0 ? {} : { [key]: [...new Set(list)] };

export const statementFields = (facts: StatementFacts): Record<string, unknown> => ({
  query: facts.query,
  ...some(facts.privileges, 'privileges'),
  ...(facts.scope === undefined || facts.scope === '' ? {} : { scope: facts.scope }),
  ...some(facts.targetHosts, 'target_hosts'),
  ...(facts.grantOption ? { grant_option: true } : {}),
  ...some(facts.settings, 'settings'),
  ...some(facts.reads, 'reads_files'),
  ...some(facts.writes, 'writes_files'),
});
