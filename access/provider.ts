/** The contract of a provider: how one kind of privilege is given on one kind of target, looked at, and taken away. */
import type { AccessProof, Plan } from '../core/documents.ts';
import type { Directory } from '../targets/directory.ts';
import type { Postgresql } from '../targets/postgresql.ts';
import type { Host } from '../targets/ssh.ts';

/** What somebody asks for on a target. */
export interface Wanted {
  /** `ACC-2026-000017` */
  readonly id: string;
  readonly system: string;
  readonly role: string;
  readonly account: string;
  readonly key?: string;
}

/** Ends of other access that the same account has on the same target just now (ISO). */
export type OtherEnds = readonly string[];

export interface Planned<Found> {
  readonly plan: Plan;
  /** The account, as events of the target name it. */
  readonly account: string;
  /** Plain data: kept with the request, handed back to the other verbs. */
  readonly found: Found;
}

/** Targets by the name that the settings give them; every use is a fresh connection. */
export interface ProviderContext {
  directory<T>(system: string, use: (directory: Directory) => Promise<T>): Promise<T>;
  postgresql<T>(system: string, use: (database: Postgresql) => Promise<T>): Promise<T>;
  host<T>(system: string, use: (host: Host) => Promise<T>): Promise<T>;
  /** Vigia's own account on that target. */
  own(system: string): string;
  /** Wall clock, epoch milliseconds. */
  now(): number;
}

export interface Provider<Found = unknown> {
  /** Of the target, as the settings say it. */
  readonly kinds: readonly string[];
  /** A second person may not have it at the same time, because the target cannot tell them apart. */
  readonly oneAtATime?: true;
  /** Reads only. Refuses what the account has already: a standing privilege is not given for a time. */
  plan(wanted: Wanted, others: OtherEnds, ctx: ProviderContext): Promise<Planned<Found>>;
  /** Once; `to` is when it ends (ISO). */
  give(wanted: Wanted, found: Found, to: string, ctx: ProviderContext): Promise<void>;
  /** How events of the target name the account, besides `account`. */
  namedInEvents?(found: Found): readonly string[];
  /** What the target says: is the right there? */
  isGiven(wanted: Wanted, found: Found, to: string, ctx: ProviderContext): Promise<AccessProof['right']>;
  /** Takes the right away and ends what is open with it, sending nothing for what is gone already. */
  take(wanted: Wanted, found: Found, to: string, ctx: ProviderContext): Promise<void>;
  /** What the target says: is all of it gone? A `not-proven` right, or `not-proven` sessions, is tried again. */
  isGone(wanted: Wanted, found: Found, to: string, ctx: ProviderContext): Promise<AccessProof>;
}

/** Forgets the type of what one provider finds, so that one list holds all of them. */
export const provider = <Found>(definition: Provider<Found>): Provider =>
  // Found comes back only to the provider that made it, as plain data.
  definition as unknown as Provider;

/** Outside text inside a sentence: quoted, with control characters escaped. */
export const said = (name: string): string => JSON.stringify(name);
