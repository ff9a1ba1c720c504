/** The part of CACAO Security Playbooks 2.0 (OASIS) that our flows come to, and the ids that both directions share. */
import { sha256 } from '../../core/ids.ts';

export interface CacaoStep {
  readonly type: 'start' | 'end' | 'action' | 'parallel' | 'if-condition';
  readonly name?: string;
  readonly description?: string;
  readonly on_completion?: string;
  readonly on_success?: string;
  readonly on_failure?: string;
  readonly timeout?: number;
  readonly commands?: readonly { readonly type: string; readonly command?: string }[];
  readonly agent?: string;
  readonly next_steps?: readonly string[];
  readonly condition?: string;
  readonly on_true?: string;
  readonly on_false?: string;
  readonly step_extensions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface CacaoPlaybook {
  readonly type: 'playbook';
  readonly spec_version: 'cacao-2.0';
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly created_by: string;
  readonly created: string;
  readonly modified: string;
  readonly workflow_start: string;
  readonly workflow: Readonly<Record<string, CacaoStep>>;
  readonly [more: string]: unknown;
}

/** The same text gives the same id, so that an unchanged flow is exported unchanged. In the form of a UUIDv4, which CACAO demands. */
export function uuidFrom(text: string): string {
  const hex = sha256(text);
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

export const VIGIA_IDENTITY = `identity--${uuidFrom('vigia')}`;
/** Holds each step and input exactly as the flow has it; what CACAO can say is said in CACAO besides. */
export const EXTENSION = `extension-definition--${uuidFrom('vigia/flow-step/1')}`;
