/** `vigia health`: what is held, what is behind, and whether the ledger balances. */
import { difference, totalDifference } from '../../core/ledger.ts';
import type { LedgerLine } from '../../core/store.ts';
import { command } from '../command.ts';
import { facts, table } from '../print.ts';

interface Health {
  store: { kind: string; state: string; detail: string; events: number; bytes: number };
  rules: { loaded: number; refused: number };
  sources: {
    id: string;
    collector: string;
    lastAt?: string;
    generation?: number;
    lost?: { kernel: number; spool: number };
  }[];
  deadLetters: number;
  exceptions: { proposed: string[]; ending: { id: string; days: number }[] };
}

export const health = command({
  name: 'health',
  options: [{ flags: '--ledger', summary: 'counts per source and hour' }],
  async run(_args, options, context) {
    const api = await context.api();
    const state = await api.get<Health>('/api/v1/health');
    const { ledger } = await api.get<{ ledger: LedgerLine[] }>('/api/v1/ledger');
    const gap = totalDifference(ledger);
    const wrong = state.store.state !== 'ok' || gap > 0;
    const head = facts([
      ['store', `${state.store.kind}, ${state.store.state}: ${state.store.detail}`],
      ['events', `${state.store.events} in ${state.store.bytes} bytes`],
      ['rules', `${state.rules.loaded} loaded, ${state.rules.refused} refused`],
      ['dead letters', state.deadLetters],
      ['exceptions', exceptionsLine(state.exceptions)],
      ['ledger', gap === 0 ? 'balances' : `${gap} records unaccounted for`],
    ]);
    const sources = table(
      ['SOURCE', 'COLLECTOR', 'LAST WRITE (UTC)', 'LOST BEFORE READING'],
      state.sources.map((one) => [one.id, one.collector, one.lastAt?.slice(0, 19), lostLine(one)]),
    );
    const rows = ledger.map((line) => [
      line.source,
      line.hour,
      line.read,
      line.stored,
      line.duplicate,
      line.deadLettered,
      line.evaluated,
      difference(line),
    ]);
    const book = options['ledger']
      ? [
          table(
            ['SOURCE', 'HOUR (UTC)', 'READ', 'STORED', 'DUPLICATE', 'DEAD', 'EVALUATED', 'DIFFERENCE'],
            rows,
          ),
        ]
      : [];
    return {
      data: { ...state, ledger, difference: gap },
      text: [head, sources, ...book].join('\n\n'),
      exitCode: wrong ? 1 : 0,
    };
  },
});

/** Of sources without acknowledgement only; what was never read is in no figure of the ledger. */
function lostLine({ lost }: Health['sources'][number]): string | undefined {
  if (lost === undefined) return undefined;
  const { kernel, spool } = lost;
  return kernel + spool === 0
    ? 'no datagram'
    : `datagrams: ${kernel} by the kernel, ${spool} without room in the spool`;
}

function exceptionsLine({ proposed, ending }: Health['exceptions']): string {
  const parts = [
    ...(proposed.length > 0 ? [`${proposed.length} to be approved (${proposed.join(', ')})`] : []),
    ...ending.map(({ id, days }) => `${id} ends in ${days} day${days === 1 ? '' : 's'}`),
  ];
  return parts.length > 0 ? parts.join('; ') : 'none to decide, none ends soon';
}
