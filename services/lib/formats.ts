import { Format } from 'typebox/format';

/** What a text of a format is here, narrower than RFC 3339 and RFC 9562 where something behind the door could not take it. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  /** One way to write an id: it is compared as a text, and part of keys and of subjects. */
  uuid: (text) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text),
  'date-time': isMoment,
};

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-](0\d|1[0-5]):\d\d)$/;
/** The years of four digits, in epoch milliseconds: all others are written in another way. */
const [firstMs, endMs] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('+010000-01-01T00:00:00Z')];

/**
 * A time that JavaScript and PostgreSQL both read, and as the same: JavaScript knows no leap second, and PostgreSQL no
 * year 0 and no place sixteen hours from Greenwich.
 */
function isMoment(text: string): boolean {
  const at = Date.parse(text);
  return moment.test(text) && Format.IsDateTime(text) && at >= firstMs && at < endMs;
}

// What comes by a bus or a queue is checked by TypeBox, requests by ajv: both are told.
for (const [name, isOne] of Object.entries(formats)) Format.Set(name, isOne);

/** Has ajv check texts as TypeBox does. */
export function addFormats(ajv: {
  addFormat(name: string, check: (text: string) => boolean): unknown;
}): void {
  for (const [name, isOne] of Object.entries(formats)) ajv.addFormat(name, isOne);
}
