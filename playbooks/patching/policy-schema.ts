/** The schema of `policies/patching.yml`, and what a schema cannot say. */
import { LEVELS } from '../../core/documents.ts';
import type { Problem } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { YamlDocument } from '../../core/yaml.ts';
import type { Health, PatchingPolicy } from './policy.ts';

const level = { type: 'string', enum: LEVELS } as const;
const text = { type: 'string', minLength: 1, maxLength: 500 } as const;
const id = { type: 'string', pattern: '^[a-z][a-z0-9-]*$' } as const;
const names = { type: 'array', minItems: 1, items: text } as const;
/** As `deploy/sudoers-vigia` lets it through. */
const service = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9@_.:-]*$' } as const;
const entries = (required: readonly string[], properties: object) =>
  ({ type: 'array', items: { type: 'object', required, additionalProperties: false, properties } }) as const;

export const patchingSchema = {
  type: 'object',
  required: [
    'source',
    'since',
    'waves',
    'health',
    'clusters',
    'keep_running',
    'services',
    'exemptions',
    'raise',
  ],
  additionalProperties: false,
  properties: {
    source: text,
    since: { type: 'string', format: 'date' },
    waves: entries(['id', 'title', 'canary', 'hosts', 'window', 'notice_hours', 'unreachable'], {
      id,
      title: text,
      canary: text,
      hosts: { ...names, maxItems: 500, uniqueItems: true },
      window: text,
      notice_hours: { type: 'number', minimum: 0, maximum: 720 },
      tell: text,
      unreachable: { type: 'string', enum: ['stop', 'leave-out'] },
    }),
    health: entries(['hosts'], {
      hosts: names,
      services: { type: 'array', items: service },
      ports: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65_535 } },
      commands: {
        type: 'array',
        items: { type: 'array', minItems: 1, items: text },
      },
      settle_seconds: { type: 'integer', minimum: 0, maximum: 600 },
    }),
    clusters: entries(['id', 'members', 'keep'], {
      id,
      members: { ...names, minItems: 2, uniqueItems: true },
      keep: { type: 'integer', minimum: 1 },
      drain: service,
    }),
    keep_running: entries(['service', 'why'], { service: text, why: text }),
    services: { type: 'object', additionalProperties: service },
    raise: {
      type: 'object',
      required: ['open', 'exploited'],
      additionalProperties: false,
      properties: { open: level, exploited: level },
    },
    exemptions: entries(['hosts', 'packages', 'why', 'until'], {
      hosts: names,
      packages: names,
      why: text,
      until: { type: 'string', format: 'date' },
      ticket: text,
    }),
  },
} as const;

/** The document fits the schema. `windows`: the ids that `windows.yml` has. */
export function patchingMistakes(document: YamlDocument, windows: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const say = (pointer: readonly (string | number)[], message: string, hint: string) =>
    void problems.push({ path: document.path, ...document.at(pointer), message, hint });
  const { waves, health, clusters } = document.value as PatchingPolicy;
  waves.forEach(({ id: own, canary, hosts, window }, index) => {
    const at = ['waves', index];
    if (waves.slice(0, index).some((other) => other.id === own))
      say([...at, 'id'], `two waves are called ${own}`, 'give each its own id');
    if (!hosts.includes(canary))
      say(
        [...at, 'canary'],
        `the canary ${canary} is no host of the wave`,
        didYouMean(canary, hosts) ?? `one of: ${hosts.join(', ')}`,
      );
    if (!windows.includes(window))
      say([...at, 'window'], `no window ${JSON.stringify(window)}`, `known: ${windows.join(', ')}`);
  });
  // The defaults of health checks are only put in afterwards.
  health.forEach(({ commands = [] }: Partial<Health>, index) => {
    commands.forEach(([program = ''], position) => {
      if (!program.startsWith('/'))
        say(
          ['health', index, 'commands', position],
          `${JSON.stringify(program)} is no whole path of a program`,
          'begin it with /',
        );
    });
  });
  clusters.forEach(({ members, keep }, index) => {
    const at = ['clusters', index];
    if (keep >= members.length)
      say(
        [...at, 'keep'],
        `with ${keep} of ${members.length} members kept, none could be touched`,
        `write at most ${members.length - 1}`,
      );
    members.forEach((member, position) => {
      if (clusters.slice(0, index).some((other) => other.members.includes(member)))
        say([...at, 'members', position], `${member} is in two clusters`, 'keep it in one');
    });
  });
  return problems;
}
