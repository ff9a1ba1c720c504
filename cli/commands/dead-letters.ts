/** `vigia dead-letters list|retry`. */
import type { DeadLetter } from '../../core/documents.ts';
import { type Command, command, wholeNumber } from '../command.ts';
import { table } from '../print.ts';

interface Answer {
  deadLetters: DeadLetter[];
  counts: { source: string; reason: string; count: number }[];
  total: number;
  next?: string;
}

const list = command({
  name: 'dead-letters list',
  summary: 'records that could not become events, with reasons and counts',
  options: [
    { flags: '--source <id>', summary: 'of one source' },
    { flags: '--size <count>', summary: 'show so many records', default: '20' },
  ],
  async run(_args, options, context) {
    const query = new URLSearchParams({
      size: String(wholeNumber(options, 'size', 1)),
      ...(options['source'] ? { source: String(options['source']) } : {}),
    });
    const answer = await (await context.api()).get<Answer>(`/api/v1/dead-letters?${query}`);
    if (answer.total === 0) return { data: answer, text: 'No dead letters.' };
    const counts = table(
      ['SOURCE', 'COUNT', 'REASON'],
      answer.counts.map((one) => [one.source, one.count, one.reason]),
    );
    const excerpt = (letter: DeadLetter) => Buffer.from(letter.raw.slice(0, 80), 'base64').toString('utf8');
    const rows = answer.deadLetters.map((one) => [
      one.at.slice(0, 19),
      one.source,
      one.position,
      one.stage,
      one.size,
      one.reason.slice(0, 60),
      excerpt(one),
    ]);
    const shown = table(['READ (UTC)', 'SOURCE', 'POSITION', 'STAGE', 'BYTES', 'REASON', 'RECORD'], rows);
    return { data: answer, text: `${answer.total} dead letters\n\n${counts}\n\n${shown}` };
  },
});

interface Retried {
  stored: number;
  duplicate: number;
  refused: Record<string, number>;
  impossible: Record<string, number>;
}

const retry = command({
  name: 'dead-letters retry',
  summary: 'deliver them anew, after what was wrong was mended; exit 1 when some stay',
  options: [{ flags: '--source <id>', summary: 'of one source' }],
  example: 'vigia dead-letters retry --source payroll',
  async run(_args, options, context) {
    const body = options['source'] ? { source: String(options['source']) } : {};
    const answer = await (await context.api()).post<Retried>('/api/v1/dead-letters/retry', body);
    const rows = [
      ...Object.entries(answer.refused).map(([reason, count]) => [count, 'refused', reason]),
      ...Object.entries(answer.impossible).map(([reason, count]) => [count, 'not tried', reason]),
    ];
    const head = `${answer.stored} became events, ${answer.duplicate} were events already.`;
    return {
      data: answer,
      text: rows.length === 0 ? head : `${head}\n\n${table(['COUNT', 'STAY', 'REASON'], rows)}`,
      exitCode: rows.length === 0 ? 0 : 1,
    };
  },
});

export const deadLetterCommands: readonly Command[] = [list, retry];
