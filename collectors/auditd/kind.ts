/** What an audit event is about, in ECS words: by the type of its leading record, or by its system call. */

export interface Kind {
  /** The record's type or the system call: `user-login`, `config-change`, `execve`, `openat`. */
  action: string;
  category: string[];
  type: string[];
}

type What = readonly [category: readonly string[], type: readonly string[]];
const all = (what: What, ...names: string[]): Record<string, What> =>
  Object.fromEntries(names.map((name) => [name, what]));

const BY_TYPE: Readonly<Record<string, What>> = {
  ...all([['authentication'], ['start']], 'USER_AUTH', 'USER_LOGIN', 'LOGIN'),
  ...all(
    [['authentication'], ['info']],
    'USER_ACCT',
    'CRED_ACQ',
    'CRED_DISP',
    'CRED_REFR',
    'USER_ERR',
    'GRP_AUTH',
  ),
  ...all([['authentication'], ['end']], 'USER_LOGOUT'),
  ...all([['session'], ['start']], 'USER_START'),
  ...all([['session'], ['end']], 'USER_END'),
  ...all([['process'], ['start']], 'USER_CMD', 'SERVICE_START', 'DAEMON_START', 'DAEMON_RESUME'),
  ...all([['process'], ['end']], 'SERVICE_STOP', 'DAEMON_END', 'DAEMON_ABORT'),
  ...all([['iam'], ['user', 'creation']], 'ADD_USER'),
  ...all([['iam'], ['user', 'deletion']], 'DEL_USER'),
  ...all(
    [['iam'], ['user', 'change']],
    'USER_MGMT',
    'USER_CHAUTHTOK',
    'ACCT_LOCK',
    'ACCT_UNLOCK',
    'CHUSER_ID',
  ),
  ...all([['iam'], ['group', 'creation']], 'ADD_GROUP'),
  ...all([['iam'], ['group', 'deletion']], 'DEL_GROUP'),
  ...all([['iam'], ['group', 'change']], 'GRP_MGMT', 'GRP_CHAUTHTOK', 'CHGRP_ID'),
  ...all(
    [['configuration'], ['change']],
    'CONFIG_CHANGE',
    'DAEMON_CONFIG',
    'FEATURE_CHANGE',
    'NETFILTER_CFG',
  ),
  ...all([['configuration'], ['change']], 'MAC_STATUS', 'MAC_POLICY_LOAD', 'MAC_CONFIG_CHANGE'),
  ...all([['host'], ['start']], 'SYSTEM_BOOT'),
  ...all([['host'], ['end']], 'SYSTEM_SHUTDOWN'),
  ...all([['driver'], ['start']], 'KERN_MODULE'),
  ...all([['process'], ['info']], 'AVC', 'USER_AVC', 'SELINUX_ERR', 'SECCOMP', 'TTY', 'USER_TTY'),
};

const FILE_CHANGE: What = [['file'], ['change']];
const BY_SYSCALL: Readonly<Record<string, What>> = {
  ...all([['process'], ['start']], 'execve', 'execveat'),
  ...all([['file'], ['access']], 'open', 'openat', 'openat2', 'read', 'pread64'),
  ...all(
    [['file'], ['creation']],
    'creat',
    'mknod',
    'mknodat',
    'link',
    'linkat',
    'symlink',
    'symlinkat',
    'mkdir',
    'mkdirat',
  ),
  ...all([['file'], ['deletion']], 'unlink', 'unlinkat', 'rmdir'),
  ...all(FILE_CHANGE, 'rename', 'renameat', 'renameat2', 'chmod', 'fchmod', 'fchmodat', 'fchmodat2', 'chown'),
  ...all(
    FILE_CHANGE,
    'fchown',
    'lchown',
    'fchownat',
    'truncate',
    'ftruncate',
    'setxattr',
    'fsetxattr',
    'lsetxattr',
  ),
  ...all([['network'], ['connection', 'start']], 'connect', 'accept', 'accept4'),
  ...all([['driver'], ['start']], 'init_module', 'finit_module'),
  ...all([['driver'], ['end']], 'delete_module'),
  ...all([['process'], ['access']], 'ptrace', 'process_vm_readv', 'process_vm_writev'),
  ...all(
    [['process'], ['change']],
    'setuid',
    'setgid',
    'setreuid',
    'setregid',
    'setresuid',
    'setresgid',
    'personality',
  ),
  ...all([['process'], ['change']], 'setfsuid', 'setfsgid', 'setgroups', 'unshare', 'setns'),
  ...all(
    [['host'], ['change']],
    'mount',
    'umount2',
    'sethostname',
    'setdomainname',
    'settimeofday',
    'clock_settime',
  ),
};

/** Records that only say more about a system call. */
const COMPANIONS = new Set([
  ...[
    'SYSCALL',
    'PATH',
    'CWD',
    'PROCTITLE',
    'EXECVE',
    'SOCKADDR',
    'SOCKETCALL',
    'BPRM_FCAPS',
    'CAPSET',
    'MMAP',
    'FD_PAIR',
  ],
  ...[
    'OBJ_PID',
    'IPC',
    'IPC_SET_PERM',
    'MQ_OPEN',
    'MQ_SENDRECV',
    'MQ_NOTIFY',
    'MQ_GETSETATTR',
    'BPF',
    'OPENAT2',
    'EOE',
  ],
]);

const kebab = (type: string) => type.toLowerCase().replaceAll('_', '-');
const made = (action: string, [category, type]: What): Kind => ({
  action,
  category: [...category],
  type: [...type],
});

export function kindOf(types: readonly string[], syscall: string | undefined, isExec: boolean): Kind {
  const leading = types.find((type) => !COMPANIONS.has(type));
  if (leading !== undefined) {
    const anomaly: What = [['intrusion_detection'], ['info']];
    const what = Object.hasOwn(BY_TYPE, leading) ? BY_TYPE[leading]! : undefined;
    return made(kebab(leading), what ?? (leading.startsWith('ANOM_') ? anomaly : [['host'], ['info']]));
  }
  const name = isExec ? (syscall ?? 'execve') : syscall;
  if (name === undefined) return made(kebab(types[0]!), [['process'], ['info']]);
  const known = isExec ? 'execve' : name;
  return made(name, Object.hasOwn(BY_SYSCALL, known) ? BY_SYSCALL[known]! : [['process'], ['info']]);
}

/** Records of programs are alone; the kernel's come in company, of which PROCTITLE is the last. */
export const isLastRecord = (type: string): boolean =>
  type === 'PROCTITLE' ||
  type === 'EOE' ||
  /^(?:USER_|CRED_|ADD_|DEL_|ACCT_|GRP_|ROLE_|DAEMON_|SERVICE_|SYSTEM_|SOFTWARE_|CHUSER_|CHGRP_|CRYPTO_|VIRT_|RESP_|ANOM_(?:LOGIN|ROOT|ADD|DEL|MOD|EXEC|MK|MAX|AMTU|RBAC|CRYPTO))/.test(
    type,
  );
