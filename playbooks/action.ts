/** The contract of an action: plan (reads only) → act (once) → verify (asks the target again) → undo. */
import type { Access, Plan, Risk } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import type { AccountServer } from '../targets/account-server.ts';
import type { ChangeCalls } from '../targets/calls.ts';
import type { Directory } from '../targets/directory.ts';
import type { PrivilegedGroups } from '../targets/directory-groups.ts';
import type { Handover } from '../targets/handover.ts';
import type { Http } from '../targets/http.ts';
import type { Mail } from '../targets/mail.ts';
import type { Mariadb } from '../targets/mariadb.ts';
import type { Oracle } from '../targets/oracle.ts';
import type { Postgresql } from '../targets/postgresql.ts';
import type { TargetSettings } from '../targets/settings.ts';
import type { Host } from '../targets/ssh.ts';
import type { Webhook } from '../targets/webhook.ts';
import type { OnCallChain } from './on-call/chain.ts';
import type { PatchingPolicy } from './patching/policy.ts';

/** Whom a step would harm, as the protected-asset policy looks at it. */
export interface Subject {
  readonly system: string;
  readonly kind: 'directory-account' | 'database-role' | 'host-account' | 'named-asset';
  /** Every name by which a policy, a setting or an approver may mean it. */
  readonly names: readonly string[];
  /** Last part of a SID. */
  readonly rid?: number;
  /** Of a database role. */
  readonly oid?: number;
  readonly domainController?: boolean;
}

export interface Planned<Before> {
  readonly plan: Plan;
  readonly subjects: readonly Subject[];
  /** The state found, as plain data: kept with the start of the step, restored by undo. */
  readonly before: Before;
}

/** What a second look at the target showed. */
export interface Proof {
  readonly outcome: 'proven' | 'not-proven' | 'unknown';
  /** A sentence; when not proven it ends with what to do. */
  readonly detail: string;
}

export interface KeptFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Evidence of one step, in the store; nothing in it can be changed or taken away. */
export interface EvidenceDoor {
  /** Durable on return; gives the SHA-256. At most `MAX_EVIDENCE_BYTES` at once. */
  keep(name: string, content: Uint8Array): Promise<string>;
  list(): Promise<KeptFile[]>;
}

export interface EventsDoor {
  /** Alert by alert, each event once. `unlisted`: how many more the alert counted than it names. */
  of(incident: string): AsyncIterable<{
    readonly alert: string;
    /** Without `event` it is no longer stored. */
    readonly events: readonly { readonly id: string; readonly event?: Event }[];
    readonly unlisted: number;
  }>;
}

/** A privilege that an account has for good, as its target tells it. */
export interface StandingPrivilege {
  readonly system: string;
  readonly account: string;
  /** The access that gives it just now: then it is not for good. */
  readonly access?: string;
  readonly dormant: boolean;
}

export interface StandingPrivileges {
  readonly standing: readonly StandingPrivilege[];
  /** Targets that could not be asked. */
  readonly notAsked: readonly { readonly system: string; readonly why: string }[];
}

/** Privileged access for a time, which another part of Vigia gives and ends. */
export interface AccessDoor {
  /** Given, or it still may be. */
  open(): Promise<Access[]>;
  get(id: string): Promise<Access>;
  /** Before its time. Asks the target first and sends nothing for what is gone, so that it may be repeated. */
  end(id: string): Promise<void>;
  standing(groups: PrivilegedGroups): Promise<StandingPrivileges>;
}

/** Targets by the name that the settings give them; every use is a fresh connection. */
export interface ActionContext {
  /** Undefined where the settings name no such target. */
  kindOf(system: string): TargetSettings['kind'] | undefined;
  directory<T>(system: string, use: (directory: Directory) => Promise<T>): Promise<T>;
  postgresql<T>(system: string, use: (database: Postgresql) => Promise<T>): Promise<T>;
  mariadb<T>(system: string, use: (database: Mariadb) => Promise<T>): Promise<T>;
  oracle<T>(system: string, use: (database: Oracle) => Promise<T>): Promise<T>;
  sqlserver<T>(system: string, use: (server: AccountServer) => Promise<T>): Promise<T>;
  host<T>(system: string, use: (host: Host) => Promise<T>): Promise<T>;
  http<T>(system: string, use: (http: Http) => Promise<T>): Promise<T>;
  mail(system: string): Mail;
  webhook(system: string): Webhook;
  /** Where a new secret is left for its owner; refuses when the settings of the target name no place. */
  handover(system: string): Handover;
  /** Wall clock, epoch milliseconds. */
  now(): number;
  readonly evidence: EvidenceDoor;
  readonly events: EventsDoor;
  readonly access: AccessDoor;
  readonly privilegedGroups: PrivilegedGroups;
  readonly patching: PatchingPolicy;
  readonly onCall: readonly OnCallChain[];
  /** For a target without a client of its own: wraps every call that changes something (`changing`). */
  readonly calls: ChangeCalls;
}

/** What is known of one call to a person; only a proven one is waited for. */
export interface Called extends Proof {
  /** Who took it, where the channel itself says so. */
  readonly acknowledgedBy?: string;
}

/** People who are called one after the other until somebody answers the step. */
export interface Chain<Input = unknown, Before = unknown> {
  people(before: Before): readonly {
    readonly who: string;
    readonly by: string;
    readonly system: string;
    readonly waitMs: number;
  }[];
  /** Calls the one with that number (from 0); `answer` is the command by which the person answers. */
  call(
    step: { input: Input; before: Before; number: number; answer: string },
    ctx: ActionContext,
  ): Promise<Called>;
}

/** `Before` and `Receipt` are plain data: they are written to the journal. */
export interface Action<Input = unknown, Before = unknown, Receipt = unknown> {
  readonly id: string;
  readonly title: string;
  /** Where it was never tried on a real server: what its tests use instead. Shown in the reference. */
  readonly untried?: string;
  /** Decides how many people approve. */
  readonly risk: Risk;
  /** JSON Schema of `with`. */
  readonly input: object;
  /** Reads only. `observed` has a number for each of `bounds`; one above its bound voids the run. */
  plan(input: Input, ctx: ActionContext): Promise<Planned<Before>>;
  /** Does what the approved plan says, and nothing when that is so already. Never retries. */
  act(step: { input: Input; plan: Plan; before: Before }, ctx: ActionContext): Promise<Receipt>;
  /** Also after a crash that lost the receipt. */
  verify(step: { input: Input; before: Before; receipt?: Receipt }, ctx: ActionContext): Promise<Proof>;
  /** How long a proof may take to come after the call was answered: `verify` is asked again until then. Once when left out. */
  readonly patienceMs?: number;
  /** A person does it: Vigia shows the plan, waits for an answer with evidence, and calls neither `act` nor `verify`. */
  readonly asks?: true;
  /** Of a step that asks: an answer alone is a proof, and these people are called until one of them gives it. */
  readonly chain?: Chain<Input, Before>;
  /** Restores exactly what `before` says, writing only differences; or why nothing can be undone. */
  readonly undo: string | ((step: { input: Input; before: Before }, ctx: ActionContext) => Promise<Proof>);
}

/** Forgets the types of one action, so that one list holds all of them. */
export function action<Input, Before, Receipt>(definition: Action<Input, Before, Receipt>): Action {
  // The engine checks input against the schema, and hands back only data that this same action made.
  return definition as unknown as Action;
}

type Asking<Input, Before> = Pick<
  Action<Input, Before>,
  'id' | 'title' | 'risk' | 'input' | 'plan' | 'undo' | 'chain'
>;

/** An action that a person does. */
export const question = <Input>(definition: Omit<Asking<Input, null>, 'chain'>): Action => asking(definition);

/** An action that is done when one of several people answers, who are called one after the other. */
export const caller = <Input, Before>(definition: Required<Asking<Input, Before>>): Action =>
  asking(definition);

const asking = <Input, Before>(definition: Asking<Input, Before>): Action => {
  const never = async (): Promise<never> => {
    throw new Error(`${definition.id} is done by a person`);
  };
  return action<Input, Before, never>({ ...definition, asks: true, act: never, verify: never });
};

/** Outside text inside a sentence: quoted, with control characters escaped. */
export const said = (name: string): string => JSON.stringify(name);
