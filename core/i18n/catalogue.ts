/** Messages for people in their language: placeholders, plural forms, outside text made visible on the way in. */
import { type Shown, visible } from '../visible.ts';
import { en } from './en.ts';
import { pt } from './pt.ts';

/** With two forms, `count` chooses: `{one: '{count} event', other: '{count} events'}`. */
export type Text = string | { readonly one: string; readonly other: string };
export type MessageKey = keyof typeof en;
/** What another language must give: every key, or the build fails. */
export type Catalogue = Readonly<Record<MessageKey, Text>>;
export type Lang = 'en' | 'pt';
export const LANGS: readonly Lang[] = ['en', 'pt'];

const catalogues: Readonly<Record<Lang, Catalogue>> = { en, pt };
const locales: Readonly<Record<Lang, string>> = { en: 'en-IE', pt: 'pt-PT' };

export interface Messages {
  (key: MessageKey, values?: Readonly<Record<string, string | number>>): Shown;
  readonly lang: Lang;
  /** `en-IE` or `pt-PT`, for numbers and dates. */
  readonly locale: string;
}

/** `messages('pt')('queue.open', {count: 3})` */
export function messages(lang: Lang): Messages {
  const catalogue = catalogues[lang];
  const locale = locales[lang];
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const say = (key: MessageKey, values: Readonly<Record<string, string | number>> = {}): Shown => {
    const text = catalogue[key];
    const form =
      typeof text === 'string'
        ? text
        : plural.select(Number(values['count'] ?? 0)) === 'one'
          ? text.one
          : text.other;
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === 'number' ? number.format(value) : visible(value);
    }) as Shown;
  };
  return Object.assign(say, { lang, locale });
}

/** `--lang`, then `VIGIA_LANG`, then the locale; anything that is not Portuguese reads English. */
export function chooseLang(
  asked: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Lang {
  const wanted = asked ?? env['VIGIA_LANG'] ?? env['LC_ALL'] ?? env['LC_MESSAGES'] ?? env['LANG'] ?? '';
  return /^pt(?:$|[_.@-])/i.test(wanted) ? 'pt' : 'en';
}
