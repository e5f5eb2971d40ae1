import { type Static, Type } from 'typebox';

/** A position as a driver's device reports it. */
export const PingSchema = Type.Object(
  {
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    lon: Type.Number({ minimum: -180, maximum: 180 }),
    at: Type.String({ format: 'date-time' }),
    accuracyM: Type.Optional(Type.Number({ minimum: 0 })),
    speedMs: Type.Optional(Type.Number({ minimum: 0 })),
    headingDeg: Type.Optional(Type.Number({ minimum: 0, maximum: 360 })),
  },
  { additionalProperties: false },
);
export type Ping = Static<typeof PingSchema>;

/** What became of a position: kept, or why not. */
export const pingResults = ['accepted', 'future', 'outdated', 'inaccurate', 'too-soon', 'too-fast'] as const;
export type PingResult = (typeof pingResults)[number];
