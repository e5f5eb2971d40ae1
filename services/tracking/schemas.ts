import { Type } from 'typebox';
import { PingSchema, pingResults } from '../lib/ping.ts';
import { stages } from './delivery-stages.ts';

const id = Type.String({ format: 'uuid' });
const moment = Type.String({ format: 'date-time' });

export const PointSchema = Type.Object(
  {
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    lon: Type.Number({ minimum: -180, maximum: 180 }),
  },
  { additionalProperties: false },
);

export const OrderStatusSchema = Type.Enum(['created', 'assigned', 'picked-up', 'delivered', 'cancelled']);
const StageSchema = Type.Enum([...stages]);

export const UpdateSchema = Type.Object({
  id: Type.String({ description: 'Rises along the timeline of an order; for `Last-Event-ID`.' }),
  type: Type.Enum(['created', 'rebooked', 'offered', 'assigned', 'unassigned', ...stages, 'cancelled']),
  at: moment,
  driverId: Type.Optional(id),
  point: Type.Optional(PointSchema),
});

export const TimelineSchema = Type.Object({
  orderId: id,
  status: OrderStatusSchema,
  stage: Type.Optional(StageSchema),
  driverId: Type.Optional(id),
  position: Type.Optional(
    Type.Object(
      { lat: Type.Number(), lon: Type.Number(), at: moment },
      { description: 'Where the driver is, while under way with the order.' },
    ),
  ),
  updates: Type.Array(UpdateSchema),
});

export const PingBatchSchema = Type.Object(
  { pings: Type.Array(PingSchema, { minItems: 1, maxItems: 100 }) },
  { additionalProperties: false },
);

export const PingBatchAnswerSchema = Type.Object({
  results: Type.Array(Type.Enum([...pingResults]), { description: 'One for each position, in its place.' }),
});

export const ReportSchema = Type.Object(
  { type: StageSchema, point: Type.Optional(PointSchema) },
  { additionalProperties: false },
);

export const ReportedSchema = Type.Object({
  orderId: id,
  type: StageSchema,
  at: moment,
  point: Type.Optional(PointSchema),
});

export const ShareSchema = Type.Object(
  {
    expiresInSeconds: Type.Optional(
      Type.Integer({ minimum: 60, maximum: 604_800, description: 'A day if not given.' }),
    ),
  },
  { additionalProperties: false },
);

export const ShareAnswerSchema = Type.Object({
  token: Type.String({ description: 'For `?token=` of the timeline and of its stream.' }),
  expiresAt: moment,
});

export const OrderParams = Type.Object({ id });
export const TokenQuery = Type.Object(
  {
    token: Type.Optional(
      Type.String({ maxLength: 500, description: 'Of a shared link, instead of an account.' }),
    ),
  },
  { additionalProperties: false },
);
