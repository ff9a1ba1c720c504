/** What hosts have installed and are behind by. */
import type { Change } from './detection.ts';

/** One package that an update of a host would change. */
export interface PatchUpdate {
  name: string;
  /** The source package, by which advisories name it; the name itself where the host knows none. */
  source: string;
  /** Undefined: it would be newly installed. */
  from?: string;
  to: string;
  origin: string;
}

/** What a host has installed, what it is behind by, and what it waits for, as last looked at. */
export interface PatchHost {
  host: string;
  seen?: {
    at: string;
    by: 'ssh' | 'import';
    manager: 'apt' | 'dnf' | 'windows';
    installed: { name: string; version: string }[];
    updates: PatchUpdate[];
    /** Behind, but kept as they are by the host. */
    held: string[];
    /** When the host last renewed its lists. */
    listsAt?: string;
    /** Services that run from replaced files; and, in sentences, what else does. */
    stale: string[];
    left: string[];
    /** Why it needs a reboot. */
    reboot: string[];
  };
  /** The last look, when it failed. */
  failure?: { at: string; message: string };
}

export type PatchPriority = 'routine' | 'high' | 'emergency';

/** One package that one host is behind by, from when it was seen until it is gone; its priority follows from what is known. */
export interface PatchTask {
  id: string;
  host: string;
  package: string;
  source: string;
  from: string;
  to: string;
  state: 'open' | 'exempt' | 'done';
  priority: PatchPriority;
  /** Sentences: why this priority. */
  why: string[];
  vulnerabilities: string[];
  /** Incidents that are about one of the vulnerabilities. */
  incidents: string[];
  opened: string;
  history: Change[];
}

/** A vulnerability and the versions that mend it, as somebody published it. */
export interface Advisory {
  /** `CVE-2026-12345` */
  id: string;
  summary?: string;
  /** Known to be exploited: since when, and who says so. */
  exploited?: { since: string; source: string };
  /** By source package: the first version without it. */
  fixed: { ecosystem: string; package: string; version: string }[];
  source: string;
}
