/** Incidents, runs and health as the API answers them, for tests of the console. Hostile texts on request. */
import type {
  Access,
  Alert,
  Incident,
  JournalEntry,
  Level,
  PatchHost,
  PatchUpdate,
  PlannedStep,
  Run,
  StepOutcome,
} from '../../../core/documents.ts';
import type { Flow } from '../../../playbooks/engine/flow.ts';
import type { AccessAnswer, HealthAnswer, IncidentAnswer, IncidentRow, WaveRow } from '../store/state.ts';

export const NOW = Date.parse('2026-11-21T19:04:12.000Z');
const before = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

/** What attackers write: escapes, links, titles, invisible letters, line breaks, directions, half a control string. */
export const HOSTILE: readonly string[] = [
  '\u001b[2J\u001b[31mred\u001b[0m',
  '\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007',
  '\u001b]0;title\u0007 \u001b]52;c;ZXZpbA==\u0007',
  '\u001bPunterminated',
  'ad\u200bmin\u00ad\u2066x\u2069',
  'user\u202egpj.exe',
  'first\r\nsecond\tthird\b\b',
  '\u009b31m\u0085\u2028\u2029',
  `a${'\u0301'.repeat(30)}`,
  '\ud800 alone',
  '漢字🙂'.repeat(40),
  'x'.repeat(5_000),
];

export interface Sample {
  at: number;
  title: string;
  severity: Level;
  owner?: string;
  minutes: number;
}

export function incident(
  { at, title, severity, owner, minutes }: Sample,
  more: Partial<Incident> = {},
): IncidentRow {
  const created = before(minutes);
  return {
    id: `i${at}`,
    number: `INC-2026-${String(at).padStart(6, '0')}`,
    version: '1',
    title,
    severity,
    state: owner ? 'acknowledged' : 'new',
    created,
    from: created,
    to: before(minutes - 1),
    ...(owner ? { owner } : {}),
    entities: [
      { type: 'user', name: 'svc-backup' },
      { type: 'host', name: 'srv-app-07' },
      { type: 'address', name: '10.20.4.17' },
    ],
    entityCount: 5,
    keys: [],
    alertCount: 2,
    eventCount: 31,
    tags: ['attack.t1003.006', 'attack.credential-access'],
    notes: [],
    history: [],
    ...more,
  };
}

const SAMPLES: readonly Sample[] = [
  { at: 412, title: 'DCSync from non-DC host srv-app-07', severity: 'critical', owner: 'ana', minutes: 49 },
  {
    at: 419,
    title: 'pg_hba.conf changed outside an approved change window',
    severity: 'critical',
    minutes: 6,
  },
  { at: 407, title: 'Kerberoast burst, svc-backup', severity: 'high', owner: 'rui', minutes: 130 },
  { at: 397, title: 'New local admin on wks-1182', severity: 'medium', minutes: 221 },
  { at: 377, title: 'TLS certificate expires in 9 days', severity: 'low', minutes: 365 },
  { at: 366, title: 'Rule shadow hit: rare parent process', severity: 'informational', minutes: 3_000 },
];
export const incidents = (): IncidentRow[] => SAMPLES.map((sample) => incident(sample));

const alert = (id: string, level: Level, title: string): Alert => ({
  id,
  kind: 'event',
  rule: {
    id: 'b7a5',
    title,
    level,
    hash: 'h',
    path: 'directory/x.yml',
    author: 'Vigia',
    tags: ['attack.t1003.006'],
  },
  from: before(49),
  to: before(41),
  created: before(40),
  events: ['e1', 'e2'],
  eventCount: 31,
  datasets: ['windows.security'],
  entities: [{ type: 'user', name: 'svc-backup' }],
  state: 'open',
  history: [],
});

export const STEPS: PlannedStep[] = [
  {
    index: 0,
    name: 'Disable the account',
    action: 'directory.disable-account',
    risk: 'destructive',
    onFailure: 'stop',
    input: { account: 'svc-backup' },
    plan: {
      targets: [{ system: 'directory', identity: 'guid-1', name: 'svc-backup' }],
      changes: ['~ userAccountControl: enabled → disabled'],
      stays: ['group memberships stay (a separate step)'],
      undo: 'enables the account again',
      proof: 'the directory is asked again and must say that the account is disabled',
      bounds: { accounts: 1 },
      observed: { lastLogon: before(60) },
    },
    protection: ['service accounts: shown to the approver'],
  },
];

export function run(more: Partial<Run> = {}): Run {
  return {
    id: 'r1',
    number: 'RUN-2026-000017',
    flow: { id: 'contain-account', title: 'Contain a compromised account', hash: 'f'.repeat(64) },
    incident: 'i412',
    input: { account: 'svc-backup' },
    requestedBy: 'ana',
    requested: before(20),
    state: 'waiting',
    steps: STEPS,
    planHash: '7c1e44a07c1e44a07c1e44a07c1e44a0',
    approvals: [],
    approvalsNeeded: 1,
    expires: new Date(NOW + 40 * 60_000).toISOString(),
    history: [],
    ...more,
  };
}

export const JOURNAL: JournalEntry[] = [
  { run: 'r1', sequence: 1, at: before(20), by: 'ana', entry: 'requested', data: {} },
];

export function answer(more: Partial<IncidentAnswer> = {}): IncidentAnswer {
  const { version, ...body } = incident(SAMPLES[0]!, {
    notes: [{ at: before(32), by: 'ana', text: 'host owner says no job scheduled' }],
    history: [{ at: before(47), by: 'ana', field: 'state', from: 'new', to: 'acknowledged' }],
    significance: { decided: true, at: before(24), by: 'ana', reason: 'payment system' },
  });
  return {
    incident: body,
    version,
    alerts: [
      alert('a1', 'critical', 'DCSync from non-DC host'),
      alert('a2', 'medium', 'Replication right used'),
    ],
    merged: [],
    timeline: {
      entries: [
        {
          at: before(49),
          learned: before(40),
          kind: 'rule',
          by: 'vigia',
          text: 'critical: DCSync from non-DC host (31 events)',
          id: 'a1',
        },
        {
          at: before(49),
          learned: before(49),
          kind: 'event',
          by: 'dc-02',
          text: '4662 ds-replication-get-changes-all by srv-app-07$',
          id: 'e1',
        },
        {
          at: before(49),
          learned: before(49),
          kind: 'event',
          by: 'dc-02',
          text: '4662 ds-replication-get-changes-all by srv-app-07$',
          id: 'e2',
        },
        { at: before(47), kind: 'change', by: 'ana', text: 'state: new → acknowledged' },
        { at: before(32), kind: 'note', by: 'ana', text: 'host owner says no job scheduled' },
        { at: before(20), kind: 'run', by: 'ana', text: 'requested', id: 'r1' },
      ],
      events: { total: 31, shown: 2 },
    },
    runs: [run()],
    clocks: [
      {
        id: 'initial',
        authority: 'CNCS',
        title: { pt: 'Notificação inicial', en: 'Initial notification' },
        owed: 'always',
        state: 'running',
        startedAt: before(24),
        dueAt: new Date(NOW + 3 * 3_600_000 + 12 * 60_000).toISOString(),
        source: 'law',
        checked: '2026-11-21',
      },
    ],
    ...more,
  };
}

export const health = (): HealthAnswer => ({
  store: { kind: 'embedded', state: 'ok', detail: 'vigia.db', events: 18_423, bytes: 52_428_800 },
  rules: { loaded: 155, refused: 1 },
  sources: [
    { id: 'dc1-audit', collector: 'samba-audit', lastAt: before(1), generation: 1 },
    { id: 'db1', collector: 'postgresql', lastAt: before(16), generation: 1 },
  ],
  deadLetters: 2,
  ledger: [
    {
      source: 'dc1-audit',
      hour: '2026-11-21T19',
      read: 205,
      stored: 203,
      duplicate: 1,
      deadLettered: 1,
      evaluated: 203,
    },
    {
      source: 'db1',
      hour: '2026-11-21T19',
      read: 40,
      stored: 38,
      duplicate: 0,
      deadLettered: 1,
      evaluated: 38,
    },
  ],
});

/** Waits for its second approval. */
export function access(more: Partial<Access> = {}): Access {
  return {
    id: 'ACC-2026-000017',
    who: 'marta',
    system: 'payments',
    kind: 'postgresql',
    role: 'payments_admin',
    account: 'marta_adm',
    why: 'index rebuild after the release',
    ticket: 'CHG-1042',
    minutes: 120,
    requestedBy: 'marta',
    requested: before(20),
    state: 'waiting',
    policyLine: 'policies/access.yml:10',
    plan: {
      targets: [{ system: 'payments', identity: 'c/1', name: 'marta_adm' }],
      changes: ['+ role "marta_adm" becomes a member of "payments_admin"'],
      stays: ['PostgreSQL ends no membership by itself: Vigia takes it away when the time is over'],
      undo: 'takes the membership away and ends every session of "marta_adm"',
      proof: 'reads membership and sessions over a new connection',
      bounds: { roles: 1 },
      observed: { roles: 1 },
    },
    found: {},
    planHash: '5d2a90bc5d2a90bc5d2a90bc5d2a90bc',
    approvals: [{ by: 'ana', at: before(12), planHash: '5d2a90bc5d2a90bc5d2a90bc5d2a90bc' }],
    approvalsNeeded: 2,
    expires: new Date(NOW + 40 * 60_000).toISOString(),
    attempts: 0,
    recordings: [],
    history: [],
    ...more,
  };
}

const given = {
  from: before(170),
  to: before(50),
  outcome: 'proven',
  detail: 'the server lists the role',
} as const;
export const accesses = (): Access[] => [
  access(),
  access({
    id: 'ACC-2026-000016',
    who: 'joao',
    role: 'ops',
    system: 'web1',
    state: 'active',
    given: { ...given, to: new Date(NOW + 9 * 60_000).toISOString() },
  }),
  access({
    id: 'ACC-2026-000015',
    state: 'ending',
    given,
    trouble: { at: before(2), detail: 'db1: connect ECONNREFUSED', next: before(0) },
  }),
  access({
    id: 'ACC-2026-000014',
    role: 'Domain Admins',
    system: 'directory',
    state: 'ended',
    given,
    ended: {
      at: before(30),
      lateMs: 20 * 60_000,
      proof: {
        right: { outcome: 'proven', detail: '"marta" is no member of "Domain Admins"' },
        sessions: { outcome: 'unknown', detail: 'LDAP can neither list nor end sessions' },
      },
    },
    recordings: [{ id: 's1', by: 'marta', from: before(60), file: '/var/lib/vigia/s1.cast' }],
    reviewBy: new Date(NOW + 7 * 86_400_000).toISOString(),
  }),
];

export const accessAnswer = (one: Access = access()): AccessAnswer => ({
  access: one,
  journal: [{ run: one.id, sequence: 1, at: before(20), by: 'marta', entry: 'requested', data: {} }],
});

export const WAVES: WaveRow[] = [
  { id: 'web', title: 'Web servers', canary: 'web1', hosts: ['web2', 'web1', 'web3'], window: 'servers' },
  { id: 'databases', title: 'Databases', canary: 'db3', hosts: ['db1', 'db2', 'db3'], window: 'servers' },
];

export const patchHosts = (): PatchHost[] => {
  const seen = (names: readonly string[], more: Partial<NonNullable<PatchHost['seen']>> = {}) => ({
    at: before(50),
    by: 'ssh' as const,
    manager: 'apt' as const,
    installed: [],
    updates: names.map((name) => ({ name, from: '1', to: '2', origin: 'security' }) as PatchUpdate),
    held: [],
    stale: [],
    left: [],
    reboot: [],
    ...more,
  });
  return [
    {
      host: 'web1',
      seen: seen(['openssl', 'nginx'], { stale: ['nginx'], reboot: ['the host says: libc6'] }),
    },
    { host: 'web2', seen: seen([]) },
    { host: 'web3', seen: seen(['openssl']), failure: { at: before(3), message: 'web3: no route to host' } },
  ];
};

/** The first host is done, the second is not proven. */
export const waveRun = (): Run => {
  const step = (index: number, outcome?: StepOutcome): PlannedStep => ({
    ...STEPS[0]!,
    index,
    ...(outcome ? { outcome } : {}),
  });
  return run({
    id: 'r2',
    number: 'RUN-2026-000018',
    flow: { id: 'patch-wave', title: 'Patch hosts in a window', hash: 'a'.repeat(64) },
    input: { hosts: ['web1', 'web2', 'web3'], window: 'servers' },
    state: 'not-proven',
    steps: [step(0, 'proven'), step(1, 'proven'), step(2, 'not-proven'), step(3), step(4), step(5)],
  });
};

export const EVENT = {
  '@timestamp': before(49),
  event: { code: '4662', dataset: 'windows.security', id: 'e1' },
  user: { name: 'srv-app-07$' },
  source: { ip: '10.20.4.17' },
  message: 'An operation was performed on an object.\r\n\tSubject:\u001b[2J',
};

export const FLOW: Flow = {
  id: 'contain-account',
  title: 'Contain a compromised account',
  description: 'Disables the account and proves it.',
  input: {
    account: { type: 'string', description: 'Logon name.', required: true },
    addresses: { type: 'array', description: 'Addresses from which the account was seen.', default: [] },
  },
  steps: [
    {
      name: 'Disable the account',
      action: 'directory.disable-account',
      with: {},
      approve: 0,
      on_failure: 'stop',
    },
  ],
  hash: 'f'.repeat(64),
};

/** The same document with every text of its data replaced by hostile ones; ids, times and words of ours stay. */
export function hostile<T>(value: T): T {
  let next = 0;
  const texts = new Set([
    'title',
    'name',
    'text',
    'by',
    'owner',
    'reason',
    'path',
    'author',
    'user',
    'requestedBy',
    'detail',
    'undo',
    'proof',
    'from',
    'to',
    'description',
    'source',
  ]);
  const lists = new Set(['changes', 'stays', 'protection', 'tags']);
  const spoil = (text: string) => `${text.slice(0, 6)}${HOSTILE[next++ % HOSTILE.length]!}`;
  const walk = (part: unknown, name: string): unknown => {
    if (typeof part === 'string')
      return texts.has(name) && Number.isNaN(Date.parse(part)) ? spoil(part) : part;
    if (Array.isArray(part))
      return part.map((one) => (lists.has(name) && typeof one === 'string' ? spoil(one) : walk(one, name)));
    if (part && typeof part === 'object')
      return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, walk(one, key)]));
    return part;
  };
  // The walk keeps the shape, so the type stays.
  return walk(value, '') as T;
}
