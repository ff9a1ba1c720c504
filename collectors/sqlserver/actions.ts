/** What an action of SQL Server's audit is, in ECS words; ids as in sys.dm_audit_actions ("SQL Server Audit action groups and actions"). */

export interface Kind {
  record: 'login' | 'logout' | 'statement' | 'auditing' | 'server';
  action: string;
  category: string[];
  type: string[];
}

const LOGIN: Kind = {
  record: 'login',
  action: 'database-login',
  category: ['authentication'],
  type: ['start'],
};
const IAM = { record: 'statement', category: ['database', 'iam'], type: ['change', 'admin'] } as const;
const SETTING = { record: 'statement', category: ['database', 'configuration'], type: ['change'] } as const;
const CHANGE = { record: 'statement', category: ['database'], type: ['change'] } as const;
const ACCESS = { record: 'statement', category: ['database'], type: ['access'] } as const;
type Base = {
  readonly record: Kind['record'];
  readonly category: readonly string[];
  readonly type: readonly string[];
};
const of = (base: Base, action: string): Kind => ({
  record: base.record,
  action,
  category: [...base.category],
  type: [...base.type],
});

const KINDS: Readonly<Record<string, Kind>> = {
  LGIS: LOGIN,
  LGIF: LOGIN,
  DBAS: { ...LOGIN, action: 'database-authenticated', type: ['info'] },
  DBAF: { ...LOGIN, action: 'database-authenticated', type: ['info'] },
  LGO: { record: 'logout', action: 'database-logout', category: ['session'], type: ['end'] },
  AUSC: {
    record: 'auditing',
    action: 'audit-session-changed',
    category: ['database', 'configuration'],
    type: ['change'],
  },
  AUSF: { record: 'auditing', action: 'audit-failed', category: ['database'], type: ['error'] },
  PWC: of(IAM, 'alter-login-password'),
  PWCS: of(IAM, 'alter-login-password'),
  PWR: of(IAM, 'alter-login-password'),
  PWRS: of(IAM, 'alter-login-password'),
  LGEA: of(IAM, 'alter-login-enable'),
  LGDA: of(IAM, 'alter-login-disable'),
  APRL: of(IAM, 'add-role-member'),
  DPRL: of(IAM, 'drop-role-member'),
  G: of(IAM, 'grant'),
  GWG: of(IAM, 'grant-with-grant'),
  D: of(IAM, 'deny'),
  R: of(IAM, 'revoke'),
  IMP: of(IAM, 'impersonate'),
  BA: of(ACCESS, 'backup'),
  BAL: of(ACCESS, 'backup-log'),
  RS: of(CHANGE, 'restore'),
  SVSD: { record: 'server', action: 'server-stopped', category: ['database'], type: ['info'] },
  SVSR: { record: 'server', action: 'server-started', category: ['database'], type: ['info'] },
  SL: of(ACCESS, 'select'),
  EX: of(ACCESS, 'execute'),
  IN: of(CHANGE, 'insert'),
  UP: of(CHANGE, 'update'),
  DL: of(CHANGE, 'delete'),
  TO: of(CHANGE, 'take-ownership'),
};

/** Verbs that come with a class: `CR` of a login is create-login. */
const VERBS: Readonly<Record<string, string>> = { CR: 'create', AL: 'alter', DR: 'drop' };
/** Classes of sys.dm_audit_class_type_map. */
const CLASSES: Readonly<Record<string, [string, Base]>> = {
  ...{ SL: ['login', IAM], WL: ['login', IAM], LX: ['login', IAM], SU: ['user', IAM], WU: ['user', IAM] },
  ...{ US: ['user', IAM], SG: ['server-role', IAM], RL: ['role', IAM], CD: ['credential', IAM] },
  ...{
    A: ['audit', SETTING],
    SA: ['server-audit-specification', SETTING],
    DA: ['database-audit-specification', SETTING],
  },
  ...{ SR: ['server', SETTING], DB: ['database', CHANGE], U: ['table', CHANGE], P: ['procedure', CHANGE] },
  ...{
    AS: ['assembly', CHANGE],
    SN: ['linked-server', SETTING],
    TR: ['trigger', CHANGE],
    ST: ['server-trigger', CHANGE],
  },
};

export function kindOf(actionId: string, classType: string): Kind {
  const id = actionId.trim().toUpperCase();
  const known = Object.hasOwn(KINDS, id) ? KINDS[id] : undefined;
  if (known !== undefined) return known;
  const type = classType.trim().toUpperCase();
  const [what, base] = Object.hasOwn(CLASSES, type) ? CLASSES[type]! : [undefined, CHANGE];
  const verb = Object.hasOwn(VERBS, id) ? VERBS[id] : undefined;
  if (verb !== undefined) return of(base, what === undefined ? verb : `${verb}-${what}`);
  return { record: 'statement', action: `audit-${id.toLowerCase()}`, category: ['database'], type: ['info'] };
}
