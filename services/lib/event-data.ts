import type { Static, TSchema } from 'typebox';
import Value from 'typebox/value';
import { type DomainEvent, PoisonEventError } from './bus.ts';

/**
 * Gives an event's data as the schema says. Throws `PoisonEventError` naming the field when they do not match. Fields
 * that the schema does not name are left alone: a producer may add some without a new version.
 */
export function readData<Schema extends TSchema>(event: DomainEvent, schema: Schema): Static<Schema> {
  const { data, subject } = event;
  if (Value.Check(schema, data)) return data as Static<Schema>;
  const [fault] = Value.Errors(schema, data);
  throw new PoisonEventError(
    `${subject}: data${fault?.instancePath ?? ''} ${fault?.message ?? 'is not valid'}.`,
  );
}

/**
 * Says whether an event is one of those a consumer of a whole domain reads. Throws `PoisonEventError` for another version
 * of one: what is in it is not known, and to pass over it would be losing it in silence.
 */
export function isKnown({ subject }: Pick<DomainEvent, 'subject'>, known: readonly string[]): boolean {
  const nameOf = (text: string) => text.replace(/\.v\d+$/, '');
  const ours = known.find((one) => nameOf(one) === nameOf(subject));
  if (ours === undefined || ours === subject) return ours !== undefined;
  throw new PoisonEventError(`${subject} is of an unknown version; ${ours} is known.`);
}
