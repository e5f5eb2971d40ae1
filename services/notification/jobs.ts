import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { PoisonMessageError } from '../lib/message-work.ts';
import { channels } from './channels.ts';
import { missingFields } from './render.ts';
import { isTemplate, type TemplateName } from './templates.ts';

const id = Type.String({ format: 'uuid' });

/** Our own: the notification is in the database. */
const OwnJobSchema = Type.Object({ notificationId: id });

/** What another service asks for. `id` is the same at every delivery. Fields that are added there are left alone. */
const AskedJobSchema = Type.Object({
  id,
  userId: id,
  org: Type.String({ minLength: 1 }),
  channel: Type.Optional(Type.Enum([...channels])),
  template: Type.String(),
  data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  at: Type.String({ format: 'date-time' }),
});

export type AskedJob = Omit<Static<typeof AskedJobSchema>, 'template'> & { template: TemplateName };
export type Job = Static<typeof OwnJobSchema> | AskedJob;

/** Jobs from further ahead than this are from a broken clock. */
const futureMs = 5 * 60_000;

/** Reads a message of the queue. Throws `PoisonMessageError` naming what is wrong, never a value: it is private. */
export function parseJob(body: string, now: number): Job {
  const value = tryParseJson(body);
  if (Value.Check(OwnJobSchema, value)) return value;
  if (!Value.Check(AskedJobSchema, value)) {
    const [fault] = Value.Errors(AskedJobSchema, value);
    throw new PoisonMessageError(
      `The message is no job: ${fault?.instancePath ?? ''} ${fault?.message ?? ''}.`,
    );
  }
  if (Date.parse(value.at) > now + futureMs) {
    throw new PoisonMessageError(`The job is dated ${value.at}, which is in the future.`);
  }
  const { template } = value;
  if (!isTemplate(template)) throw new PoisonMessageError('The job names a template that there is not.');
  const [missing] = missingFields(template, value.data);
  if (missing !== undefined) throw new PoisonMessageError(`The template ${template} needs data.${missing}.`);
  return { ...value, template };
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
