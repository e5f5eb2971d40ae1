import { Type } from 'typebox';
import { pingResults } from '../lib/ping.ts';
import { VersionSchema } from '../lib/version.ts';

const id = Type.String({ format: 'uuid' });
const skills = Type.Array(Type.String({ pattern: '^[a-z-]{1,32}$' }), { maxItems: 20, uniqueItems: true });
const name = Type.String({ minLength: 1, maxLength: 200 });

const DriverStatusSchema = Type.Enum(['available', 'busy', 'offline']);

export const VehicleSchema = Type.Object(
  {
    type: Type.Enum(['bike', 'car', 'van', 'truck']),
    capacity: Type.Object(
      {
        weightKg: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000 })),
        seats: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

export const DriverSchema = Type.Object({
  id,
  org: Type.String(),
  name: Type.String(),
  status: DriverStatusSchema,
  skills: Type.Array(Type.String()),
  vehicle: Type.Optional(VehicleSchema),
  version: Type.Integer(),
});

export const NewDriverSchema = Type.Object(
  {
    id: Type.Unsafe<string>({ ...id, description: 'Id of the account at identity.' }),
    name,
    skills: Type.Optional(skills),
    vehicle: Type.Optional(VehicleSchema),
  },
  { additionalProperties: false },
);

export const ChangeDriverSchema = Type.Object(
  {
    name: Type.Optional(name),
    skills: Type.Optional(skills),
    vehicle: Type.Optional(VehicleSchema),
    version: VersionSchema,
  },
  { additionalProperties: false, minProperties: 2 },
);

export const WindowSchema = Type.Object(
  {
    weekday: Type.Integer({ minimum: 0, maximum: 6, description: '0 is Sunday.' }),
    starts: Type.Integer({ minimum: 0, maximum: 1_439, description: 'Minute of the day.' }),
    ends: Type.Integer({ minimum: 1, maximum: 1_440, description: 'Minute of the day, after `starts`.' }),
  },
  { additionalProperties: false },
);

export const AvailabilitySchema = Type.Object({
  status: DriverStatusSchema,
  windows: Type.Array(WindowSchema),
});

export const ChangeAvailabilitySchema = Type.Object(
  {
    status: Type.Optional(Type.Enum(['available', 'offline'])),
    windows: Type.Optional(Type.Array(WindowSchema, { maxItems: 50 })),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const PingAnswerSchema = Type.Object({ result: Type.Enum([...pingResults]) });

export const DriverParams = Type.Object({ id });
export const ListQuery = Type.Object(
  {
    after: Type.Optional(id),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100; 50 if not given.' }),
    ),
    status: Type.Optional(DriverStatusSchema),
  },
  { additionalProperties: false },
);
export const DriverListSchema = Type.Object({ items: Type.Array(DriverSchema), next: Type.Optional(id) });
