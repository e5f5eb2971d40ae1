import { Type } from 'typebox';
import { VersionSchema } from '../lib/version.ts';

const email = Type.String({
  format: 'email',
  maxLength: 254,
  description: 'E-mail address; its case does not matter.',
});
const password = Type.String({ minLength: 12, maxLength: 200, description: 'At least 12 characters.' });
const name = Type.String({ minLength: 1, maxLength: 200 });
const org = Type.String({ pattern: '^[a-z0-9-]{1,64}$', description: 'Organisation.' });

const RoleSchema = Type.Union([Type.Literal('customer'), Type.Literal('driver'), Type.Literal('manager')]);

export const UserSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  org,
  email: Type.String(),
  name: Type.String(),
  role: RoleSchema,
  permissions: Type.Array(Type.String()),
  version: Type.Integer({ minimum: 1 }),
  createdAt: Type.String({ format: 'date-time' }),
});

export const RegisterSchema = Type.Object(
  {
    email,
    password,
    name,
    org: Type.Optional(org),
    role: Type.Optional(RoleSchema),
  },
  { additionalProperties: false },
);

export const LoginSchema = Type.Object(
  // No least length: an old password may be shorter, and who guesses learns nothing of the rule.
  { email: Type.String({ maxLength: 254 }), password: Type.String({ maxLength: 200 }) },
  { additionalProperties: false },
);

export const RefreshSchema = Type.Object(
  { refreshToken: Type.String({ minLength: 20, maxLength: 200 }) },
  { additionalProperties: false },
);

export const TokensSchema = Type.Object({
  tokenType: Type.Literal('Bearer'),
  accessToken: Type.String(),
  expiresIn: Type.Integer({ description: 'Seconds.' }),
  refreshToken: Type.String({ description: 'Good for one use; the next one comes with its answer.' }),
  user: UserSchema,
});

export const ChangeUserSchema = Type.Object(
  { name: Type.Optional(name), password: Type.Optional(password), version: VersionSchema },
  { additionalProperties: false, minProperties: 2 },
);

export const ChangeRoleSchema = Type.Object(
  {
    role: RoleSchema,
    permissions: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z]{1,32}$' }), { maxItems: 20 })),
    version: VersionSchema,
  },
  { additionalProperties: false },
);

export const UserParams = Type.Object({ id: Type.String({ format: 'uuid' }) });
