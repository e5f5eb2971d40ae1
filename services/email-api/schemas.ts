import { type Static, Type } from 'typebox';

/** The four fields of a mail. */
export const MailSchema = Type.Object(
  {
    email_subject: Type.String({ minLength: 1 }),
    email_sender: Type.String({
      minLength: 1,
      description: 'Who sent it, as free text: a name will do, so it is not checked as an address.',
    }),
    email_timestream: Type.String({
      pattern: '^[0-9]{1,12}$',
      description: 'When it was sent: Unix seconds, as a text.',
    }),
    email_content: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);
export type Mail = Static<typeof MailSchema>;

export const EmailRequestSchema = Type.Object(
  {
    token: Type.Optional(
      Type.String({ description: 'The token, unless it comes as Authorization: Bearer, which then counts.' }),
    ),
    data: MailSchema,
  },
  { additionalProperties: false },
);

/** Answered only once SQS has accepted the mail. */
export const EmailAcceptedSchema = Type.Object({
  status: Type.Literal('queued'),
  messageId: Type.String({ description: "The mail's SQS message id." }),
});
