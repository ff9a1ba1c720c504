/** Who may do what, and who did what. */

/** One entry of who did what; the hash covers the entry and its predecessor, one chain per writer. */
export interface AuditEntry {
  writer: string;
  sequence: number;
  at: string;
  who: string;
  action: string;
  target: string;
  details: Record<string, unknown>;
  previous: string;
  hash: string;
}

export type Role = 'viewer' | 'analyst' | 'responder' | 'approver' | 'admin' | 'auditor';

/** An API token; only its hash is kept. */
export interface Token {
  id: string;
  user: string;
  roles: Role[];
  hash: string;
  created: string;
  expires: string;
  revoked?: boolean;
}
