/** Draws a report as PDF: marking and page numbers on every page, one row per field with its legal source beside it. */
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import pdfmake from 'pdfmake';
import { printable as shown } from './printable.ts';
import type { Field, ReportDocument, Section, Tlp } from './report.ts';

/** TLP 2.0 (FIRST): these colours, on black. */
const TLP_COLOUR: Record<Tlp, string> = {
  'TLP:RED': '#FF2B2B',
  'TLP:AMBER+STRICT': '#FFC000',
  'TLP:AMBER': '#FFC000',
  'TLP:GREEN': '#33FF00',
  'TLP:CLEAR': '#FFFFFF',
};
/** A longer word gets places to break (invisible): the library cuts off a word that is wider than its column. */
const WORD = /\S{24}(?=\S)/gu;
const printable = (text: string, options: Parameters<typeof shown>[1] = {}): string =>
  shown(text, options).replace(WORD, '$&\u200b');

const INK = '#1b2430';
const FAINT = '#5b6675';
const LINE = '#c3cad4';
const HEAD = '#e9edf2';
const MISSING = '#fff4d6';
const NEED = { yes: 'obrigatório', 'if-known': 'se conhecido', if: 'se aplicável', optional: 'facultativo' };
const ORIGIN = { settings: 'dados da entidade', person: 'indicado por pessoa', vigia: 'registos do Vigia' };

const fonts = join(dirname(createRequire(import.meta.url).resolve('pdfmake/fonts/Roboto.js')), 'Roboto');
pdfmake.setFonts({
  Roboto: {
    normal: join(fonts, 'Roboto-Regular.ttf'),
    bold: join(fonts, 'Roboto-Medium.ttf'),
    italics: join(fonts, 'Roboto-Italic.ttf'),
    bolditalics: join(fonts, 'Roboto-MediumItalic.ttf'),
  },
});
// The font files and nothing else: no text of a report can make the library fetch anything.
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => resolve(path).startsWith(`${resolve(fonts)}/`));

export async function drawPdf(document: ReportDocument): Promise<Uint8Array> {
  return pdfmake
    .createPdf({
      pageSize: 'A4',
      pageMargins: [48, 76, 48, 62],
      language: 'pt-PT',
      displayTitle: true,
      info: {
        title: printable(`${document.title} ${document.number}`),
        author: printable(document.author),
        subject: document.tlp,
        creator: 'Vigia',
        producer: 'Vigia',
        creationDate: new Date(document.made),
      },
      defaultStyle: { font: 'Roboto', fontSize: 9, color: INK, lineHeight: 1.15 },
      header: () => band(document, [48, 26, 48, 0], printable(document.author, { limit: 90 })),
      footer: (page: number, pages: number) =>
        band(
          document,
          [48, 18, 48, 0],
          `${printable(document.number)}  ·  ${document.madeText}  ·  Página ${page} de ${pages}`,
        ),
      content: [
        { text: printable(document.title), fontSize: 17, bold: true, margin: [0, 0, 0, 2] },
        { text: printable(document.subtitle), color: FAINT, margin: [0, 0, 0, 10] },
        status(document),
        ...document.sections.map(sectionTable),
        annex(document),
      ],
    })
    .getBuffer();
}

const tlpLabel = (tlp: Tlp) => ({
  width: 'auto',
  table: {
    body: [
      [
        {
          text: tlp,
          color: TLP_COLOUR[tlp],
          fillColor: '#000000',
          bold: true,
          fontSize: 10,
          margin: [6, 2, 6, 1],
        },
      ],
    ],
  },
  layout: 'noBorders',
});

const band = (document: ReportDocument, margin: number[], text: string) => ({
  margin,
  columns: [{ text, color: FAINT, fontSize: 8, margin: [0, 5, 8, 0] }, tlpLabel(document.tlp)],
});

/** What is missing and until when: the first thing that whoever signs must see. */
function status(document: ReportDocument) {
  const labels = new Map(
    document.sections.flatMap(({ fields }) => fields.map(({ key, label }) => [key, label])),
  );
  const named = (keys: readonly string[]) => keys.map((key) => labels.get(key) ?? key).join('; ');
  const { mandatory, ifKnown } = document.missing;
  const lines: object[] = [];
  if (document.deadline)
    lines.push({
      text: [
        { text: 'Prazo legal: ', bold: true },
        `${document.deadline.text} – ${printable(document.deadline.source)}`,
      ],
    });
  if (mandatory.length > 0)
    lines.push({
      text: [
        { text: `Por preencher, obrigatórios (${mandatory.length}): `, bold: true },
        printable(named(mandatory)),
      ],
    });
  if (ifKnown.length > 0)
    lines.push({
      text: [
        { text: `Por preencher, se conhecidos (${ifKnown.length}): `, bold: true },
        printable(named(ifKnown)),
      ],
    });
  if (mandatory.length === 0) lines.push({ text: 'Todos os campos obrigatórios estão preenchidos.' });
  const draft =
    mandatory.length === 0
      ? []
      : [{ text: 'RASCUNHO: não submeter antes de completar', bold: true, margin: [0, 0, 0, 3] }];
  return {
    margin: [0, 0, 0, 12],
    table: {
      widths: ['*'],
      body: [
        [
          {
            fillColor: mandatory.length > 0 ? MISSING : HEAD,
            margin: [8, 6, 8, 6],
            stack: [...draft, ...lines],
          },
        ],
      ],
    },
    layout: grid,
  };
}

const grid = {
  hLineWidth: () => 0.6,
  vLineWidth: () => 0.6,
  hLineColor: () => LINE,
  vLineColor: () => LINE,
};

const SHORT_CHARACTERS = 600;
const SHORT_LINES = 15;
const isShort = ({ text }: Field): boolean =>
  text.length <= SHORT_CHARACTERS && text.split('\n').length <= SHORT_LINES;

function sectionTable(section: Section) {
  const head = [
    { text: printable(section.title), bold: true, colSpan: 2, fillColor: HEAD, margin: [4, 3, 4, 2] },
    {},
    { text: 'Base legal', bold: true, fillColor: HEAD, margin: [4, 3, 4, 2] },
  ];
  return {
    margin: [0, 0, 0, 10],
    table: {
      headerRows: 1,
      keepWithHeaderRows: 1,
      // A row that may not fit on a page must break: pdfmake cuts off what does not fit in an unbreakable one.
      dontBreakRows: section.fields.every(isShort),
      widths: [140, '*', 108],
      body: [head, ...section.fields.map(fieldRow)],
    },
    layout: grid,
  };
}

function fieldRow(field: Field) {
  const missing = field.value === null;
  const note = [missing ? undefined : field.origin && ORIGIN[field.origin], field.note]
    .filter((part) => part !== undefined)
    .join('; ');
  const content = missing
    ? {
        text:
          field.need === 'if' || field.need === 'optional'
            ? `Por preencher (${NEED[field.need]})`
            : 'Por preencher',
        italics: true,
      }
    : { text: printable(field.text, { lines: true }) };
  return [
    {
      stack: [{ text: printable(field.label) }, { text: NEED[field.need], color: FAINT, fontSize: 7 }],
      margin: [4, 3, 4, 2],
    },
    {
      stack: [content, ...(note === '' ? [] : [{ text: printable(note), color: FAINT, fontSize: 7 }])],
      margin: [4, 3, 4, 2],
      ...(missing && (field.need === 'yes' || field.need === 'if-known') ? { fillColor: MISSING } : {}),
    },
    { text: printable(field.source), color: FAINT, fontSize: 8, margin: [4, 3, 4, 2] },
  ];
}

function annex({ evidence }: ReportDocument) {
  const cell = (text: string, more: object = {}) => ({
    text: printable(text, { limit: 300 }),
    fontSize: 8,
    margin: [3, 2, 3, 1],
    ...more,
  });
  return [
    { text: printable(evidence.title), bold: true, fontSize: 11, margin: [0, 6, 0, 3] },
    { text: printable(evidence.intro), color: FAINT, margin: [0, 0, 0, 6] },
    {
      table: {
        headerRows: 1,
        dontBreakRows: true,
        widths: ['*', '*', 40, 80, 80, 40],
        body: [
          evidence.columns.map((column) => cell(column, { bold: true, fillColor: HEAD })),
          ...evidence.rows.map((row) =>
            row.map((text, index) => cell(text, index === row.length - 1 ? { alignment: 'right' } : {})),
          ),
        ],
      },
      layout: grid,
    },
  ];
}
