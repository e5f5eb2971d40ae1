import { Type } from 'typebox';

const id = Type.String({ format: 'uuid' });
const moment = Type.String({ format: 'date-time' });

export const strategyNames = ['nearest', 'batch-greedy', 'optimal'] as const;
export type StrategyName = (typeof strategyNames)[number];
const StrategyNameSchema = Type.Enum([...strategyNames]);

const offerStates = ['open', 'accepted', 'assigned', 'declined', 'expired', 'withdrawn', 'over'] as const;

/** Why nobody was found for an order, or the one found did not take it. */
export const unassignedReasons = [
  'no-free-driver',
  'nobody-fits',
  'taken-meanwhile',
  'declined',
  'expired',
  'driver-gone',
  'order-changed',
  'order-away',
] as const;
export type UnassignedReason = (typeof unassignedReasons)[number];

export const OfferSchema = Type.Object({
  id,
  orderId: id,
  driverId: id,
  state: Type.Enum([...offerStates]),
  expiresAt: moment,
  distanceMeters: Type.Integer(),
  cost: Type.Number({ description: 'In metres, or in seconds where road times decide.' }),
  strategy: Type.String({ description: 'The strategy that chose, or `manual`.' }),
});

export const QueuedOrderSchema = Type.Object({
  id,
  state: Type.Enum(['waiting', 'proposed']),
  priority: Type.Integer(),
  since: moment,
  nextAt: Type.Unsafe<string>({ ...moment, description: 'When it is looked at next.' }),
  reason: Type.Optional(Type.Enum([...unassignedReasons])),
  offer: Type.Optional(OfferSchema),
});

export const QueueSchema = Type.Object({
  depth: Type.Integer({ description: 'Orders that wait now, bookings for later left out.' }),
  items: Type.Array(QueuedOrderSchema),
});

export const QueueQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100; 50 if not given.' }),
    ),
  },
  { additionalProperties: false },
);

export const StrategiesSchema = Type.Object({
  items: Type.Array(
    Type.Object({ name: StrategyNameSchema, description: Type.String(), isActive: Type.Boolean() }),
  ),
  assignment: Type.Enum(['auto', 'offer']),
  costs: Type.Enum(['metres', 'seconds']),
});

export const PreviewSchema = Type.Object(
  {
    strategy: Type.Optional(StrategyNameSchema),
    orderIds: Type.Optional(
      Type.Array(id, {
        minItems: 1,
        maxItems: 300,
        uniqueItems: true,
        description: 'All that wait, if absent.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const PreviewAnswerSchema = Type.Object({
  strategy: StrategyNameSchema,
  matches: Type.Array(
    Type.Object({ orderId: id, driverId: id, distanceMeters: Type.Integer(), cost: Type.Number() }),
  ),
  unassigned: Type.Array(Type.Object({ orderId: id, reason: Type.Enum([...unassignedReasons]) })),
});

export const AssignSchema = Type.Object({ driverId: id }, { additionalProperties: false });
export const IdParams = Type.Object({ id });
