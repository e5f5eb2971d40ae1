import { Type } from 'typebox';
import { VersionSchema } from '../lib/version.ts';
import { orderStates } from './order-states.ts';

export const PlaceSchema = Type.Object(
  {
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    lon: Type.Number({ minimum: -180, maximum: 180 }),
    address: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  { additionalProperties: false },
);

export const DemandSchema = Type.Object(
  {
    weightKg: Type.Optional(Type.Number({ minimum: 0, maximum: 10_000 })),
    seats: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    skills: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z-]{1,32}$' }), { maxItems: 20 })),
  },
  { additionalProperties: false },
);

const StateSchema = Type.Enum([...orderStates]);
const KindSchema = Type.Union([Type.Literal('ride'), Type.Literal('delivery')]);
const moment = Type.String({ format: 'date-time' });
const id = Type.String({ format: 'uuid' });

export const OrderSchema = Type.Object({
  id,
  org: Type.String(),
  kind: KindSchema,
  customerId: id,
  driverId: Type.Optional(id),
  status: StateSchema,
  version: Type.Integer({ minimum: 1 }),
  pickup: PlaceSchema,
  dropoff: PlaceSchema,
  scheduledAt: Type.Optional(moment),
  priority: Type.Integer(),
  demand: DemandSchema,
  note: Type.Optional(Type.String()),
  createdAt: moment,
  updatedAt: moment,
});

const placing = {
  pickup: PlaceSchema,
  dropoff: PlaceSchema,
  priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9, description: '9 goes first.' })),
  demand: Type.Optional(DemandSchema),
  note: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
};

export const PlaceOrderSchema = Type.Object(
  {
    ...placing,
    kind: Type.Optional(KindSchema),
    scheduledAt: Type.Optional(moment),
    customerId: Type.Optional(
      Type.Unsafe<string>({ ...id, description: 'For a manager who orders for a customer.' }),
    ),
  },
  { additionalProperties: false },
);

/** A booking is a ride at a time to come. */
export const BookSchema = Type.Object({ ...placing, scheduledAt: moment }, { additionalProperties: false });

export const ChangeBookingSchema = Type.Object(
  {
    pickup: Type.Optional(PlaceSchema),
    dropoff: Type.Optional(PlaceSchema),
    scheduledAt: Type.Optional(moment),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    version: VersionSchema,
  },
  { additionalProperties: false, minProperties: 2 },
);

export const ChangeStatusSchema = Type.Object(
  {
    status: StateSchema,
    version: VersionSchema,
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  { additionalProperties: false },
);

export const StatusSchema = Type.Object({
  id,
  status: StateSchema,
  version: Type.Integer(),
  next: Type.Array(StateSchema, { description: 'Where it may go from here.' }),
});

export const AssignSchema = Type.Object(
  { driverId: id, offerId: Type.Optional(id) },
  { additionalProperties: false },
);

export const OrderEventSchema = Type.Object({
  seq: Type.Integer(),
  type: Type.String(),
  at: moment,
  by: Type.String(),
  data: Type.Unknown(),
});

export const NewFileSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    mediaType: Type.Enum(['image/jpeg', 'image/png', 'application/pdf']),
  },
  { additionalProperties: false },
);

export const FileSchema = Type.Object({
  id,
  name: Type.String(),
  mediaType: Type.String(),
  url: Type.String({ description: 'Good for five minutes: to put the new file to, or to get it from.' }),
});

export const OrderParams = Type.Object({ id });

export const ListQuery = Type.Object(
  {
    after: Type.Optional(Type.Unsafe<string>({ ...id, description: '`next` of the page before.' })),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100; 50 if not given.' }),
    ),
    status: Type.Optional(StateSchema),
  },
  { additionalProperties: false },
);

export const OrderListSchema = Type.Object({ items: Type.Array(OrderSchema), next: Type.Optional(id) });
