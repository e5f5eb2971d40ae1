import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { PoisonMessageError } from '../lib/message-work.ts';

/**
 * What the consumer needs of a message. Its own reading of the contract, not email-api's: fields that are added there
 * are stored unread.
 */
const StoredMailSchema = Type.Object({
  email_subject: Type.String(),
  email_sender: Type.String({ minLength: 1 }),
  email_timestream: Type.String(),
  email_content: Type.String(),
});
export type StoredMail = Static<typeof StoredMailSchema>;

/** Reads a message body. Throws `PoisonMessageError` for what is not a mail; the text is not shown, it is private. */
export function parseMail(body: string): StoredMail {
  const mail = tryParseJson(body);
  if (Value.Check(StoredMailSchema, mail)) return mail;
  const [first] = Value.Errors(StoredMailSchema, mail);
  throw new PoisonMessageError(
    `The message is not a mail: ${first?.instancePath ?? ''} ${first?.message ?? ''}.`,
  );
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
