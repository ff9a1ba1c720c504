/** The contract of a report: data in, fields with their legal source out; rendering and writing are the same for all. */
import type { Alert, Incident } from '../core/documents.ts';
import type { Answers } from './answers.ts';

export type Tlp = 'TLP:RED' | 'TLP:AMBER+STRICT' | 'TLP:AMBER' | 'TLP:GREEN' | 'TLP:CLEAR';
export type Format = 'pdf' | 'json';
export type Lang = 'pt';

/** A person or function to talk to. */
export interface Contact {
  name?: string;
  phone?: string;
  email?: string;
}

/** What the settings file says about the entity that reports. Anything absent is shown as missing, never invented. */
export interface ReportSettings {
  entity?: { name?: string; nif?: string; sector?: string };
  /** Ponto de contacto permanente, as registered with CNCS. */
  permanentContact?: Contact;
  /** Only when it is somebody else than the permanent contact. */
  representative?: Contact;
  /** Zone of the times in the document. */
  zone: string;
}

export interface ReportInput {
  incident: Incident;
  /** All alerts of the incident. */
  alerts: readonly Alert[];
  settings: ReportSettings;
  lang: Lang;
  tlp: Tlp;
  /** What people know and the logs do not say. */
  answers?: Answers;
  /** The clock of this notification, when it runs. */
  deadline?: { dueAt: string; source: string };
  /** When the document is made, epoch milliseconds. */
  now: number;
}

/** `yes`: mandatory. `if-known`: the field must be there, an estimate is enough. `if`: only when it applies. */
export type Need = 'yes' | 'if-known' | 'if' | 'optional';

export interface Field {
  /** Stable, dotted: `impact.users_affected`. */
  key: string;
  label: string;
  /** The article that asks for it. */
  source: string;
  need: Need;
  /** As it is; null when nobody has said it yet. */
  value: unknown;
  /** `value` for readers; outside text is still as outside wrote it. */
  text: string;
  /** Where the value comes from: the settings, a person, or made by Vigia from its records (to be reviewed). */
  origin?: 'settings' | 'person' | 'vigia';
  note?: string;
}

/** What fills a field; undefined when nobody has said it. */
export type Given =
  | { value: unknown; text: string; origin: NonNullable<Field['origin']>; note?: string }
  | undefined;

export interface Section {
  title: string;
  fields: Field[];
}

export interface ReportDocument {
  type: string;
  title: string;
  subtitle: string;
  /** Number of the incident. */
  number: string;
  author: string;
  tlp: Tlp;
  lang: Lang;
  /** ISO. */
  made: string;
  madeText: string;
  deadline?: { dueAt: string; text: string; source: string };
  sections: Section[];
  /** Keys of fields without a value that the law wants, mandatory ones and those to give when known. */
  missing: { mandatory: string[]; ifKnown: string[] };
  evidence: { title: string; intro: string; columns: string[]; rows: string[][]; total: number };
}

export interface Report {
  id: string;
  title: string;
  /** File name without number and extension. */
  fileName: string;
  langs: readonly Lang[];
  formats: readonly Format[];
  /** Pure. */
  build(input: ReportInput): ReportDocument;
}

export const report = <R extends Report>(definition: R): R => definition;
