/** What an operation of Microsoft 365 means in ECS words, by workload and name. */

export interface Meaning {
  category?: string[];
  type?: string[];
}

const FILE: Readonly<Record<string, string>> = {
  Accessed: 'access',
  Previewed: 'access',
  Downloaded: 'access',
  SyncDownloadedFull: 'access',
  Uploaded: 'creation',
  SyncUploadedFull: 'creation',
  Copied: 'creation',
  Modified: 'change',
  Renamed: 'change',
  Moved: 'change',
  Restored: 'change',
  Deleted: 'deletion',
  Recycled: 'deletion',
};

/** `Add member to role.`, `New-TransportRule`, `Remove-Mailbox`: the verb says what kind of change it is. */
function changeOf(operation: string): 'creation' | 'deletion' | 'change' | 'access' {
  if (/^(?:add|create|new|register|import|enable)\b/i.test(operation)) return 'creation';
  if (/^(?:remove|delete|hard delete|clear|disable)\b/i.test(operation)) return 'deletion';
  return /^(?:get|search|test|read|view|export)\b/i.test(operation) ? 'access' : 'change';
}

const iamType = (operation: string): string[] => {
  const about = /group|role/i.test(operation) ? 'group' : 'user';
  const change = changeOf(operation);
  // Adding to a group or role changes it.
  const made = /\b(?:member|owner|app role|eligible)\b/i.test(operation) ? 'change' : change;
  return [about, made === 'access' ? 'info' : made];
};

/** Cmdlets that change who may do what. */
const RIGHTS = /Permission|RoleGroup|ManagementRole|DelegatedAccess|RoleAssignment/;

export function meaningOf(workload: string, operation: string): Meaning {
  if (/^(?:UserLoggedIn|UserLoginFailed|MailboxLogin|TeamsSessionStarted)$/.test(operation))
    return { category: ['authentication'], type: ['start'] };
  if (workload === 'AzureActiveDirectory') return { category: ['iam'], type: iamType(operation) };
  if (workload === 'SharePoint' || workload === 'OneDrive') {
    const verb = /^(?:File|Folder)(\w+)$/.exec(operation)?.[1];
    if (verb !== undefined)
      return { category: ['file'], type: [Object.hasOwn(FILE, verb) ? FILE[verb]! : 'change'] };
    return /Link|Sharing|Invitation/.test(operation) ? { category: ['file'], type: ['change'] } : {};
  }
  if (/^[A-Z][a-z]+-[A-Z]\w+$/.test(operation)) {
    const change = changeOf(operation);
    return RIGHTS.test(operation)
      ? { category: ['iam'], type: ['admin', change === 'access' ? 'info' : change] }
      : { category: ['configuration'], type: [change] };
  }
  if (workload === 'Exchange' || workload === 'ThreatIntelligence')
    return { category: ['email'], type: ['info'] };
  return {};
}
