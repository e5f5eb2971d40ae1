import { type Static, Type } from 'typebox';

export const roles = ['customer', 'driver', 'manager', 'service'] as const;
export type Role = (typeof roles)[number];

/** Who asks: a person with a role in one organisation, or one of our own services. */
export const PrincipalSchema = Type.Object({
  id: Type.String({ description: 'User id, or the name of the service.' }),
  org: Type.String({ description: 'Organisation whose data may be seen; `*` for a service.' }),
  role: Type.Enum([...roles]),
  permissions: Type.Array(Type.String(), {
    description: 'What a manager may do beyond the role, such as `dispatch`.',
  }),
});
export type Principal = Static<typeof PrincipalSchema>;
