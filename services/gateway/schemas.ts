import { type Static, Type } from 'typebox';

const FailedPart = Type.Object({
  part: Type.String({ description: 'Which part is missing.' }),
  code: Type.String({ description: 'Why, as in a problem document.' }),
});
export type FailedPart = Static<typeof FailedPart>;

/** A part as its service answered it; `null` when it failed. */
function part(service: string) {
  return Type.Unknown({ description: `As ${service} answers it; null when it failed.` });
}

const failed = Type.Array(FailedPart, {
  description: 'The parts that are missing; empty when all are there.',
});

export const DashboardSchema = Type.Object({
  orders: part('`GET /orders`'),
  drivers: part('`GET /drivers`'),
  queue: part('`GET /dispatch/queue`'),
  failed,
});

export const OrderViewSchema = Type.Object({
  order: part('`GET /orders/:id`'),
  events: part('`GET /orders/:id/events`'),
  timeline: part('`GET /tracking/orders/:id`'),
  position: Type.Unknown({
    description: 'Where its driver is, while there is one under way; else null.',
  }),
  failed,
});

export const OrderViewParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

export const EventsQuery = Type.Object(
  {
    topics: Type.String({
      minLength: 1,
      maxLength: 5_000,
      description: 'Topics, separated by commas: `order:<id>`, `driver:<id>`, `dashboard`.',
    }),
  },
  { additionalProperties: false },
);
