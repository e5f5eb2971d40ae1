import { describe, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { commonSettings, readConfig, renderConfigTable } from '../config.ts';
import { ConfigError } from '../config-error.ts';

const Schema = Type.Object({
  PORT: Type.Integer({ default: 8000, minimum: 1, maximum: 65_535, description: 'Port to listen on.' }),
  QUEUE: Type.String({ minLength: 1, description: 'The queue.' }),
  PAUSE: Type.Number({ default: 0.5, minimum: 0 }),
  ...commonSettings,
});
const good = { QUEUE: 'q', AWS_REGION: 'eu-west-1' };

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(Schema, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('reading', () => {
  test('turns texts into the declared types and fills in defaults', () => {
    const config = readConfig(Schema, { ...good, PORT: '80', PAUSE: '1.5', OTHER: 'x' });
    expect(config).toEqual({
      ...good,
      PORT: 80,
      PAUSE: 1.5,
      LOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
      SERVICE_VERSION: 'unknown',
      SHED_ABOVE_MS: 1,
      SHUTDOWN_TIMEOUT_MS: 55_000,
    });
  });

  test('takes an empty text for an absent one', () => {
    expect(readConfig(Schema, { ...good, PORT: '' }).PORT).toBe(8000);
    expect(faultsOf({ ...good, QUEUE: '' })).toEqual(['QUEUE is missing; it must be a text (The queue).']);
  });

  test.each([
    ['PORT', 'http', 'PORT must be a whole number of at least 1 up to 65535 (Port to listen on).'],
    ['PORT', '0', 'PORT must be a whole number of at least 1 up to 65535 (Port to listen on).'],
    ['PORT', '80.5', 'PORT must be a whole number of at least 1 up to 65535 (Port to listen on).'],
    ['PAUSE', '-1', 'PAUSE must be a number of at least 0.'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace.'],
  ])('refuses %s=%s and says what to write', (name, value, fault) => {
    expect(faultsOf({ ...good, [name]: value })).toEqual([fault]);
  });

  test('names every fault at once and shows no value', () => {
    const faults = faultsOf({ PORT: 'hunter2', LOG_LEVEL: 'hunter2' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PORT', 'QUEUE', 'AWS_REGION', 'LOG_LEVEL']);
    expect(faults.join()).not.toContain('hunter2');
  });
});

test('renders one row a variable with its default', () => {
  expect(
    renderConfigTable(Type.Object({ PORT: Schema.properties.PORT, QUEUE: Schema.properties.QUEUE })),
  ).toBe(
    [
      '| Variable | Meaning | Default |',
      '| --- | --- | --- |',
      '| `PORT` | Port to listen on. | `8000` |',
      '| `QUEUE` | The queue. | required |',
    ].join('\n'),
  );
});
