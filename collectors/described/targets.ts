/** Which ECS fields a description may write, and how values of each look. */
import { didYouMean } from '../../core/suggest.ts';
import type { As } from './description.ts';

/** First parts of ECS fields, and ours. */
const ROOTS = [
  ...[
    'agent',
    'client',
    'cloud',
    'container',
    'destination',
    'device',
    'dll',
    'dns',
    'email',
    'error',
    'event',
  ],
  ...[
    'faas',
    'file',
    'group',
    'host',
    'http',
    'labels',
    'log',
    'message',
    'network',
    'observer',
    'orchestrator',
  ],
  ...[
    'organization',
    'package',
    'process',
    'registry',
    'rule',
    'server',
    'service',
    'source',
    'span',
    'tags',
  ],
  ...[
    'threat',
    'tls',
    'trace',
    'transaction',
    'url',
    'user',
    'user_agent',
    'volume',
    'vulnerability',
    'vigia',
  ],
];
/** What delivery writes itself. */
const OWNED =
  /^(?:@timestamp|ecs|related|event\.(?:id|hash|created|ingested|original|dataset|module)|vigia\.(?:source|batch|clock|logsource))(?:\.|$)/;

/** Why this is no field to write; undefined when it is one. */
export function fieldMistake(field: string): { message: string; hint?: string } | undefined {
  if (OWNED.test(field)) {
    const hint = field === '@timestamp' ? 'write "time: {from, formats}"' : 'it follows from the rest';
    return { message: `${field} is not for a description to write`, hint };
  }
  const [root = '', ...rest] = field.split('.');
  if (!ROOTS.includes(root)) {
    const hint = didYouMean(root, ROOTS) ?? 'what ECS lacks goes under vigia.… or labels.…';
    return { message: `${field} is no ECS field`, hint };
  }
  if (rest.length === 0 && root !== 'message' && root !== 'tags')
    return { message: `${field} is an object`, hint: `write one of its fields: ${root}.…` };
  return /^[\w@-]+(?:\.[\w@-]+)*$/.test(field) && !/(?:^|\.)__proto__(?:\.|$)/.test(field)
    ? undefined
    : { message: `${field} is no field name` };
}

const NUMBER =
  /(?:\.|_)(?:port|bytes|size|status_code|pid|line|ttl|packets|severity|duration|sequence|args_count|exit_code)$/;
const LISTS = ['event.category', 'event.type', 'tags', 'process.args', 'dns.resolved_ip'];

/** What the field asks for where the description does not say. */
export function usualAs(field: string): As {
  if (NUMBER.test(field)) return 'number';
  if (LISTS.includes(field)) return 'list';
  if (field === 'network.transport' || field === 'network.protocol' || field === 'network.type')
    return 'lower';
  return /(?:^|\.)ip$/.test(field) ? 'ip' : 'text';
}
