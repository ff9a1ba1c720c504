/** Notificação inicial of a significant incident to CNCS: the fields of RJC art. 42(2), with what Vigia knows and what people must still say. */
import { evidence, proposal } from './detection-record.ts';
import { type Field, type Given, type Need, type ReportInput, report, type Section } from './report.ts';
import { CAUSES, effectText } from './taxonomy.ts';
import { localTime } from './wording.ts';

export const initialNotification = report({
  id: 'initial-notification',
  title: 'Notificação inicial de incidente significativo',
  fileName: 'notificacao-inicial',
  langs: ['pt'],
  formats: ['pdf', 'json'],
  build(input) {
    const { incident, settings, deadline, tlp, lang } = input;
    const time = (iso: string) => localTime(iso, settings.zone);
    const sections = [envelope(input), representative(input), about(input), impact(input)];
    const lacking = (...needs: Need[]) =>
      sections.flatMap(({ fields }) =>
        fields.filter(({ need, value }) => value === null && needs.includes(need)).map(({ key }) => key),
      );
    return {
      type: 'initial-notification',
      title: 'Notificação inicial de incidente significativo',
      subtitle:
        'Regime Jurídico da Cibersegurança (RJC), anexo ao Decreto-Lei n.º 125/2025, de 4 de dezembro, artigo 42.º',
      number: incident.number,
      author: settings.entity?.name ?? '',
      tlp,
      lang,
      made: new Date(input.now).toISOString(),
      madeText: time(new Date(input.now).toISOString()),
      ...(deadline ? { deadline: { ...deadline, text: time(deadline.dueAt) } } : {}),
      sections,
      missing: { mandatory: lacking('yes'), ifKnown: lacking('if-known') },
      evidence: evidence(input),
    };
  },
});

/** A value, or the statement that it is missing. */
function field(key: string, label: string, source: string, need: Need, given: Given, note?: string): Field {
  const base = { key, label, source, need };
  const notes = note === undefined ? {} : { note };
  return given ? { ...base, ...notes, ...given } : { ...base, ...notes, value: null, text: '' };
}

const said = (value: string | number | undefined, origin: 'settings' | 'person'): Given =>
  value === undefined || value === ''
    ? undefined
    : { value, text: typeof value === 'number' ? value.toLocaleString('pt-PT') : value, origin };

function envelope({ incident, settings, tlp }: ReportInput): Section {
  const { entity = {} } = settings;
  return {
    title: 'Identificação da notificação e da entidade',
    fields: [
      field('notification_type', 'Tipo de notificação', 'RJC, art. 42.º, n.º 1', 'yes', {
        value: 'initial',
        text: 'Notificação inicial',
        origin: 'vigia',
      }),
      field(
        'entity_name',
        'Nome da entidade',
        'RJC, art. 35.º, n.º 1, al. a)',
        'yes',
        said(entity.name, 'settings'),
      ),
      field('entity_nif', 'NIF', 'RJC, art. 35.º, n.º 1, al. b)', 'yes', said(entity.nif, 'settings')),
      field(
        'entity_sector',
        'Setor e subsetor',
        'RJC, art. 35.º, n.º 1, al. d)',
        'if',
        said(entity.sector, 'settings'),
      ),
      field('internal_reference', 'Referência interna do incidente', 'Registo da entidade', 'optional', {
        value: incident.number,
        text: incident.number,
        origin: 'vigia',
      }),
      field('tlp', 'Marcação de partilha (TLP 2.0)', 'CNCS, CS DOC.005', 'optional', {
        value: tlp,
        text: tlp,
        origin: 'person',
      }),
    ],
  };
}

function representative({ settings }: ReportInput): Section {
  const source = 'RJC, art. 42.º, n.º 2, al. a)';
  const same = settings.representative === undefined && settings.permanentContact !== undefined;
  const contact = settings.representative ?? settings.permanentContact ?? {};
  const note = same ? 'o ponto de contacto permanente' : undefined;
  return {
    title: 'Representante da entidade',
    fields: [
      field(
        'representative.name',
        'Nome do representante',
        source,
        'yes',
        said(contact.name, 'settings'),
        note,
      ),
      field(
        'representative.phone',
        'Telefone do representante',
        source,
        'yes',
        said(contact.phone, 'settings'),
      ),
      field(
        'representative.email',
        'Correio eletrónico do representante',
        source,
        'yes',
        said(contact.email, 'settings'),
      ),
    ],
  };
}

function about({ incident, alerts, settings, answers = {} }: ReportInput): Section {
  const time = (iso: string) => localTime(iso, settings.zone);
  const b = 'RJC, art. 42.º, n.º 2, al. b)';
  const c = 'RJC, art. 42.º, n.º 2, al. c)';
  const when: Field = answers.started_at
    ? field('started_at', 'Data e hora do início do incidente', b, 'yes', {
        value: answers.started_at,
        text: time(answers.started_at),
        origin: 'person',
      })
    : field(
        'detected_at',
        'Data e hora da deteção do incidente',
        b,
        'yes',
        { value: incident.created, text: time(incident.created), origin: 'vigia' },
        `início não estabelecido; primeiro evento registado: ${time(incident.from)}`,
      );
  return {
    title: 'Incidente',
    fields: [
      when,
      field(
        'description',
        'Breve descrição do incidente',
        c,
        'yes',
        said(answers.description, 'person') ?? proposal(alerts, time),
        answers.description ? undefined : 'texto proposto a partir dos registos; rever antes de submeter',
      ),
      field(
        'cause_category',
        'Categoria da causa',
        c,
        'yes',
        answers.cause_category && {
          value: answers.cause_category,
          text: CAUSES[answers.cause_category],
          origin: 'person',
        },
        answers.cause_category ? undefined : `uma de: ${Object.values(CAUSES).join('; ')}`,
      ),
      field(
        'effects',
        'Efeitos produzidos, de acordo com a taxonomia definida pelo CNCS',
        c,
        'yes',
        answers.effects?.length
          ? { value: answers.effects, text: answers.effects.map(effectText).join('\n'), origin: 'person' }
          : undefined,
      ),
    ],
  };
}

function impact({ answers = {} }: ReportInput): Section {
  const d = (item: string) => `RJC, art. 42.º, n.º 2, al. d), subal. ${item})`;
  const { users_affected, duration, geography, cross_border, countries } = answers.impact ?? {};
  const abroad = cross_border
    ? `Sim${countries?.length ? `: ${countries.join(', ')}` : ', países por indicar'}`
    : 'Não';
  return {
    title: 'Impacto (estimativa, podendo estar incompleta)',
    fields: [
      field(
        'impact.users_affected',
        'Número de utilizadores afetados',
        d('i'),
        'if-known',
        said(users_affected, 'person'),
      ),
      field('impact.duration', 'Duração do incidente', d('ii'), 'if-known', said(duration, 'person')),
      field('impact.geography', 'Distribuição geográfica', d('iii'), 'if-known', said(geography, 'person')),
      field(
        'impact.cross_border',
        'Impacto transfronteiriço',
        d('iii'),
        'if-known',
        cross_border === undefined
          ? undefined
          : { value: { cross_border, countries: countries ?? [] }, text: abroad, origin: 'person' },
      ),
      field(
        'other_information',
        'Outra informação relevante',
        d('iv'),
        'optional',
        said(answers.other_information, 'person'),
      ),
    ],
  };
}
