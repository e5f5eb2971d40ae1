import { Type } from 'typebox';
import { VersionSchema } from '../lib/version.ts';

const id = Type.String({ format: 'uuid' });
const instant = Type.String({ format: 'date-time' });
const clockTime = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: 'Such as 22:00.' });

export const channels = ['email', 'sms', 'push', 'slack'] as const;
export type Channel = (typeof channels)[number];

const ChannelsSchema = Type.Object(
  { email: Type.Boolean(), sms: Type.Boolean(), push: Type.Boolean(), slack: Type.Boolean() },
  { additionalProperties: false, description: 'Which channels the person has said yes to.' },
);

const QuietHoursSchema = Type.Object(
  {
    from: clockTime,
    to: clockTime,
    timeZone: Type.String({ maxLength: 64, description: 'Of the IANA database, such as Europe/Berlin.' }),
  },
  { additionalProperties: false, description: 'When nothing is sent that can wait; may go over midnight.' },
);

const locale = Type.String({
  pattern: '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$',
  description: 'Language and perhaps region, such as de-AT.',
});

export const PreferencesSchema = Type.Object({
  channels: ChannelsSchema,
  locale: Type.Optional(locale),
  quietHours: Type.Optional(QuietHoursSchema),
  version: Type.Integer(),
});

export const SetPreferencesSchema = Type.Object(
  {
    channels: ChannelsSchema,
    locale: Type.Optional(locale),
    quietHours: Type.Optional(QuietHoursSchema),
    source: Type.Enum(['app', 'web', 'link'], {
      description: 'Where the person chose: kept with the time in the log of consents.',
    }),
    version: VersionSchema,
  },
  { additionalProperties: false },
);

const placeFields = {
  label: Type.String({ minLength: 1, maxLength: 60, description: 'What the person calls it, such as Home.' }),
  address: Type.String({ minLength: 1, maxLength: 300 }),
  lat: Type.Number({ minimum: -90, maximum: 90 }),
  lon: Type.Number({ minimum: -180, maximum: 180 }),
  instructions: Type.Optional(Type.String({ maxLength: 500 })),
};

export const AddressSchema = Type.Object({ id, ...placeFields, version: Type.Integer(), createdAt: instant });
export const NewAddressSchema = Type.Object(placeFields, { additionalProperties: false });
export const ChangeAddressSchema = Type.Object(
  { ...Type.Partial(Type.Object(placeFields)).properties, version: VersionSchema },
  { additionalProperties: false, minProperties: 2 },
);

const kind = Type.Enum(['push', 'sms']);
export const TokenSchema = Type.Object({ id, kind, value: Type.String(), createdAt: instant });
export const NewTokenSchema = Type.Object(
  {
    kind,
    value: Type.String({
      minLength: 8,
      // Part of a key of an index, which holds 2,704 bytes; those of FCM and APNs have some hundreds.
      maxLength: 2_000,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'What the push service gave the device, or the telephone number as +4915112345678.',
    }),
  },
  { additionalProperties: false },
);

export const ConsentSchema = Type.Object({
  channel: Type.Enum([...channels]),
  granted: Type.Boolean(),
  source: Type.String(),
  at: instant,
});

export const ExportSchema = Type.Object({
  id,
  org: Type.String(),
  name: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  createdAt: instant,
  preferences: PreferencesSchema,
  addresses: Type.Array(AddressSchema),
  tokens: Type.Array(TokenSchema),
  consents: Type.Array(ConsentSchema),
});

export const ErasureSchema = Type.Object({ id, customerId: id, requestedBy: Type.String(), at: instant });

export const CustomerParams = Type.Object({ id });
export const AddressParams = Type.Object({ id, addressId: id });
export const TokenParams = Type.Object({ id, tokenId: id });
export const ListQuery = Type.Object(
  {
    after: Type.Optional(id),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100; 50 if not given.' }),
    ),
  },
  { additionalProperties: false },
);
export const AddressListSchema = Type.Object({ items: Type.Array(AddressSchema), next: Type.Optional(id) });
