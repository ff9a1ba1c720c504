/** What a person does against the normal course carries a reason, which is kept. */
import { errors } from '../../core/errors.ts';

export interface Reasoned {
  readonly by: string;
  readonly reason: string;
}

export function expectReason(reason: string): void {
  if (reason.trim() === '') throw errors.usage('a reason is needed', 'say why in a sentence');
}
