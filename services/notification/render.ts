import { isTemplate, type Locale, locales, type TemplateName, templates } from './templates.ts';

/** What a template is filled with. */
export type TemplateData = Readonly<Record<string, string | number | boolean>>;

/** A message in somebody's language. */
export interface Rendered {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  /** The text as HTML. */
  readonly html: string;
}

/** A notification that no text can be made for. Its message names fields, never values. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/**
 * Fills a template. Throws `RenderError` for an unknown template or a missing field.
 *
 * A value can neither begin a line of its own nor, in `html`, a tag: who chose their own name writes no mails of ours.
 */
export function render(name: string, locale: string | undefined, data: TemplateData): Rendered {
  if (!isTemplate(name)) throw new RenderError(`There is no template ${name}.`);
  const [missing] = missingFields(name, data);
  if (missing !== undefined) throw new RenderError(`The template ${name} needs data.${missing}.`);
  const { subject, text } = templates[name][localeOf(locale)];
  const filled = fill(text, data);
  return { subject: fill(subject, data), text: filled, html: `<p>${escapeHtml(filled)}</p>` };
}

/** The fields a template needs that are not there. */
export function missingFields(name: TemplateName, data: TemplateData): string[] {
  const { subject, text } = templates[name].en;
  return fieldsOf(`${subject} ${text}`).filter((field) => !Object.hasOwn(data, field));
}

/** The fields that a wording names, each once. */
export function fieldsOf(wording: string): string[] {
  return [...new Set([...wording.matchAll(placeholder)].map(([, field = '']) => field))];
}

const placeholder = /\{\{(\w+)\}\}/g;

function fill(wording: string, data: TemplateData): string {
  return wording.replace(placeholder, (_all, field: string) => oneLine(String(data[field])));
}

function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** `de` for `de-AT`; the first language for one we do not have. */
function localeOf(wanted: string | undefined): Locale {
  const language = wanted?.toLowerCase().split('-', 1)[0];
  return locales.find((locale) => locale === language) ?? locales[0];
}
