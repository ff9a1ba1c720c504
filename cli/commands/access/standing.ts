/** `vigia access standing`: who has a privilege for good, and who does not use it. */
import type { Standing, StandingReport } from '../../../access/index.ts';
import { command } from '../../command.ts';
import { table } from '../../print.ts';

const stateOf = ({ access, dormant, enabled }: Standing): string => {
  if (access !== undefined) return access;
  return enabled ? (dormant ? 'DORMANT' : 'standing') : 'disabled';
};

export const standing = command({
  name: 'access standing',
  summary: 'who has a privilege for good, and who does not use it',
  options: [{ flags: '--dormant', summary: 'only accounts that nobody uses' }],
  async run(_args, options, context) {
    const report = await (await context.api()).get<StandingReport>('/api/v1/access/standing');
    const shown = report.standing.filter(({ dormant }) => dormant || options['dormant'] !== true);
    for (const { system, why } of report.notAsked) context.note(`${system} was NOT asked: ${why}`);
    const rows = shown.map((one) => [
      one.system,
      one.account,
      stateOf(one),
      one.lastUsed?.slice(0, 10) ?? 'never seen',
      one.has.join('; '),
    ]);
    const since =
      report.collectedSince === undefined
        ? 'Use of databases cannot be known: nothing was collected yet.'
        : `Use of databases is known since ${report.collectedSince.slice(0, 10)}, the oldest collected event.`;
    const list =
      shown.length === 0
        ? 'No such account.'
        : table(['SYSTEM', 'ACCOUNT', 'STATE', 'LAST USED', 'HAS'], rows);
    return {
      data: { ...report, standing: shown },
      text: `${list}\n\n${since}`,
      // What could not be asked may hold anything.
      ...(report.notAsked.length > 0 ? { exitCode: 1 as const } : {}),
    };
  },
});
