/** What the categorisation fields of ECS may hold (ECS 9, "Categorization fields"). */

const CATEGORIES = [
  ...['api', 'authentication', 'configuration', 'database', 'driver', 'email', 'file', 'host', 'iam'],
  ...['intrusion_detection', 'library', 'malware', 'network', 'package', 'process', 'registry', 'session'],
  ...['threat', 'vulnerability', 'web'],
];
const TYPES = [
  ...[
    'access',
    'admin',
    'allowed',
    'change',
    'connection',
    'creation',
    'deletion',
    'denied',
    'device',
    'end',
  ],
  ...['error', 'group', 'indicator', 'info', 'installation', 'protocol', 'start', 'user'],
];

/** Values that ECS allows only from a list. */
export const allowedValues: Readonly<Record<string, readonly string[]>> = {
  'event.kind': ['alert', 'asset', 'enrichment', 'event', 'metric', 'state', 'signal'],
  'event.category': CATEGORIES,
  'event.type': TYPES,
  'event.outcome': ['success', 'failure', 'unknown'],
};
