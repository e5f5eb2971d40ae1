import { type Static, Type } from 'typebox';
import Value from 'typebox/value';

const text = Type.String({ minLength: 1 });
/** Where the provider is, for an account of another region. */
const url = (usual: string) => Type.String({ pattern: '^https?://', default: usual });

/** What the secret of the providers holds; a provider that is left out is not used. */
const ProviderKeysSchema = Type.Object({
  sendgrid: Type.Optional(Type.Object({ apiKey: text, from: text, url: url('https://api.sendgrid.com') })),
  twilio: Type.Optional(
    Type.Object({ accountSid: text, authToken: text, from: text, url: url('https://api.twilio.com') }),
  ),
  fcm: Type.Optional(
    Type.Object({
      projectId: text,
      clientEmail: text,
      privateKey: Type.String({ minLength: 1, description: 'PKCS #8, as in the service account file.' }),
      tokenUrl: url('https://oauth2.googleapis.com/token'),
      url: url('https://fcm.googleapis.com'),
    }),
  ),
  slack: Type.Optional(
    Type.Object({
      webhooks: Type.Record(Type.String(), Type.String({ pattern: '^https?://' }), {
        description: 'The incoming webhook of each organisation.',
      }),
    }),
  ),
});
export type ProviderKeys = Static<typeof ProviderKeysSchema>;

/** Reads the secret. Throws naming the field at fault, never a value. */
export function parseProviderKeys(secret: string): ProviderKeys {
  let given: unknown;
  try {
    given = JSON.parse(secret);
  } catch {
    throw new Error("The providers' secret is not JSON.");
  }
  const keys = Value.Default(ProviderKeysSchema, given);
  if (Value.Check(ProviderKeysSchema, keys)) return keys;
  const [fault] = Value.Errors(ProviderKeysSchema, keys);
  throw new Error(
    `The providers' secret is not usable: ${fault?.instancePath ?? ''} ${fault?.message ?? ''}.`,
  );
}
