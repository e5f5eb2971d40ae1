import { Type } from 'typebox';
import { channels } from './channels.ts';
import { templateNames } from './templates.ts';

const id = Type.String({ format: 'uuid' });
const moment = Type.String({ format: 'date-time' });
const ChannelSchema = Type.Enum([...channels]);
const TemplateSchema = Type.Enum([...templateNames]);
/** A place in a feed: its time and a notification's id. */
const cursor = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,16}Z#[0-9a-f-]{36}$',
  description: '`next` of the page before.',
});

export const FeedQuery = Type.Object(
  {
    user: Type.Optional(
      Type.Unsafe<string>({ ...id, description: 'Whose; your own if not given. Others’ are for managers.' }),
    ),
    after: Type.Optional(cursor),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100; 50 if not given.' }),
    ),
  },
  { additionalProperties: false },
);

const FeedEntrySchema = Type.Object({
  id,
  channel: Type.String(),
  template: Type.String(),
  status: Type.String({ description: '`sent` or `failed`.' }),
  body: Type.String(),
  at: moment,
});
export const FeedSchema = Type.Object({ items: Type.Array(FeedEntrySchema), next: Type.Optional(cursor) });

export const NotifySchema = Type.Object(
  {
    userId: id,
    template: TemplateSchema,
    data: Type.Record(
      Type.String(),
      Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean()]),
      { maxProperties: 20, description: 'What the template is filled with.' },
    ),
    channel: Type.Optional(
      Type.Unsafe<(typeof channels)[number]>({
        ...ChannelSchema,
        description: 'By this one only; by all that the person agrees to if not given.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const NotifiedSchema = Type.Object({
  notifications: Type.Array(Type.Object({ id, channel: ChannelSchema }), {
    description: 'One for each channel that the person agrees to and can be reached by; perhaps none.',
  }),
});

export const DeadLettersSchema = Type.Object({
  depth: Type.Integer({ description: 'About how many there are.' }),
  messages: Type.Array(
    Type.Object({
      messageId: Type.String(),
      sentAt: moment,
      reason: Type.Optional(Type.String({ description: 'Why it was not done at last.' })),
    }),
    { description: 'Some of them, at most ten.' },
  ),
  redrive: Type.Optional(
    Type.Object({ status: Type.String(), moved: Type.Integer(), toMove: Type.Optional(Type.Integer()) }),
  ),
});

export const RedriveSchema = Type.Object(
  { dryRun: Type.Optional(Type.Boolean({ description: 'Only say how many would be moved.' })) },
  { additionalProperties: false },
);
export const RedrivenSchema = Type.Object({
  depth: Type.Integer({ description: 'About how many are moved.' }),
  started: Type.Boolean(),
});
