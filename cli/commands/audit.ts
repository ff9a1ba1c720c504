/** `vigia audit verify`. */
import { type Command, command } from '../command.ts';

interface Verdict {
  chains: { writer: string; entries: number }[];
  problems: { writer: string; sequence: number; explanation: string }[];
}

const verify = command({
  name: 'audit verify',
  summary: 'is the audit trail whole and unaltered?',
  async run(_args, _options, context) {
    const verdict = await (await context.api()).get<Verdict>('/api/v1/audit/verify');
    const entries = verdict.chains.reduce((sum, chain) => sum + chain.entries, 0);
    const ok = verdict.problems.length === 0;
    const text = ok
      ? `${entries} entries in ${verdict.chains.length} chains, unbroken.`
      : verdict.problems.map((one) => `${one.writer} ${one.sequence}: ${one.explanation}`).join('\n');
    return { data: verdict, text, exitCode: ok ? 0 : 1 };
  },
});

export const auditCommands: readonly Command[] = [verify];
