/** What Vigia's own records say about an incident, in Portuguese: counts, times and rule titles, no names of people. */
import { type Alert, LEVELS, type RuleRef } from '../core/documents.ts';
import type { Given, ReportDocument, ReportInput } from './report.ts';
import { countOf, utcTime } from './wording.ts';

/** Rows of the technical annex; the exact total stands above it. */
const MAX_ROWS = 60;
const LEVEL_PT = {
  informational: 'Informativo',
  low: 'Baixo',
  medium: 'Médio',
  high: 'Alto',
  critical: 'Crítico',
};

const bySeverity = (alerts: readonly Alert[]): Alert[] =>
  [...alerts].sort(
    (a, b) => LEVELS.indexOf(b.rule.level) - LEVELS.indexOf(a.rule.level) || (a.from < b.from ? -1 : 1),
  );

/** A description to start from. */
export function proposal(alerts: readonly Alert[], time: (iso: string) => string): Given {
  const open = alerts.filter(({ state }) => state === 'open');
  if (open.length === 0) return undefined;
  const titles = [...new Set(bySeverity(open).map(({ rule }) => rule.title))];
  const named = titles.slice(0, 3).map((title) => `«${title}»`);
  const more =
    titles.length > named.length ? ` e mais ${countOf(titles.length - named.length, 'regra', 'regras')}` : '';
  const events = open.reduce((sum, alert) => sum + alert.eventCount, 0);
  const from = open.map((alert) => alert.from).sort()[0]!;
  const to = open
    .map((alert) => alert.to)
    .sort()
    .at(-1)!;
  const text =
    `Deteção automática: ${countOf(open.length, 'alerta', 'alertas')} sobre ${countOf(events, 'evento', 'eventos')}, ` +
    `entre ${time(from)} e ${time(to)}. Regras de deteção: ${named.join(', ')}${more}.`;
  return { value: text, text, origin: 'vigia' };
}

/** The Detection Rule License 1.1 asks that messages of a rule name its author, its id and where it is from. */
const sourceOf = ({ author, id, path }: RuleRef): string =>
  [author, path, id].filter((part) => part !== undefined).join('; ');

/** One row per alert, the most severe first; the total is exact. */
export function evidence({ alerts }: ReportInput): ReportDocument['evidence'] {
  const open = bySeverity(alerts.filter(({ state }) => state === 'open'));
  const types = {
    user: ['conta', 'contas'],
    host: ['sistema', 'sistemas'],
    address: ['endereço', 'endereços'],
    database: ['base de dados', 'bases de dados'],
  } as const;
  const names = (type: string) =>
    new Set(
      open.flatMap(({ entities }) =>
        entities.filter((entity) => entity.type === type).map(({ name }) => name.toLowerCase()),
      ),
    ).size;
  const counted = Object.entries(types).flatMap(([type, [one, many]]) =>
    names(type) === 0 ? [] : [countOf(names(type), one, many)],
  );
  const shown = Math.min(open.length, MAX_ROWS);
  return {
    title: 'Anexo: registo técnico de deteção',
    intro:
      `${countOf(open.length, 'alerta', 'alertas')}${shown < open.length ? `; mostrados os ${shown} mais graves` : ''}. ` +
      `${counted.length === 0 ? '' : `Envolve ${counted.join(', ')}. `}Por minimização de dados pessoais, os nomes não constam deste documento; estão disponíveis a pedido da autoridade.`,
    columns: [
      'Regra de deteção',
      'Autor e origem da regra',
      'Nível',
      'Primeiro evento (UTC)',
      'Último evento (UTC)',
      'Eventos',
    ],
    rows: open
      .slice(0, MAX_ROWS)
      .map(({ rule, from, to, eventCount }) => [
        rule.title,
        sourceOf(rule),
        LEVEL_PT[rule.level],
        utcTime(from),
        utcTime(to),
        eventCount.toLocaleString('pt-PT'),
      ]),
    total: open.length,
  };
}
