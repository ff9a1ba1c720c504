/** The page about every action of playbooks, from its own words. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action } from '../../playbooks/action.ts';
import { actions } from '../../playbooks/actions/index.ts';
import { code, made, page, table } from './markdown.ts';

interface Property {
  readonly description: string;
  readonly default?: unknown;
}

const folder = join(import.meta.dirname, '../../playbooks/actions');

/** What the file of the action begins with; a test demands it. */
function purpose({ id }: Action): string {
  const source = readFileSync(join(folder, `${id.replace('.', '-')}.ts`), 'utf8');
  const [, comment = ''] = /^\/\*\*(.*?)\*\//s.exec(source) ?? [];
  return comment.replaceAll(/\n \*/g, '').trim();
}

function inputsOf({ input }: Action): string {
  const { properties, required = [] } = input as {
    properties: Record<string, Property>;
    required?: readonly string[];
  };
  return table(
    ['Input', 'Meaning', 'Default'],
    Object.entries(properties).map(([name, { description, default: fallback }]) => [
      code(name),
      description,
      required.includes(name)
        ? 'must be given'
        : fallback === undefined
          ? ''
          : code(JSON.stringify(fallback)),
    ]),
  );
}

export function actionsPage(): string {
  const parts = actions.map((one) =>
    [
      `## ${code(one.id)}: ${one.title}`,
      purpose(one),
      `Risk: ${one.risk}. ${typeof one.undo === 'string' ? `No undo: ${one.undo}.` : 'Can be undone.'}`,
      ...(one.untried === undefined ? [] : [`**Never tried on a real server.** ${one.untried}`]),
      inputsOf(one),
    ].join('\n\n'),
  );
  return page(
    '# Actions',
    made('`playbooks/actions/`'),
    'What steps of [playbooks](playbooks.md) can do. Each shows its plan first (`vigia playbooks plan NAME`), is approved by its risk, acts, ' +
      'and asks the target again. Unless it says otherwise below, the tests of an action run on the real system.',
    ...parts,
  );
}
