import { type Static, type TObject, type TSchema, Type } from 'typebox';
import Value from 'typebox/value';
import { ConfigError } from './config-error.ts';
import type { Port } from './port.ts';

/** Environment variables as Node gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every service takes. `SERVICE` itself is read by main.ts, which has to know it first. */
export const commonSettings = {
  AWS_REGION: Type.String({ minLength: 1, description: 'AWS region. ECS sets it in every task.' }),
  LOG_LEVEL: Type.Union(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'Least level that is logged; health checks are logged at `debug`.' },
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.String({
    default: '',
    description:
      'Collector that traces are sent to, such as `http://collector:4318`; none are made if empty.',
  }),
  SERVICE_VERSION: Type.String({
    default: 'unknown',
    description: 'Commit or image digest, answered by `GET /version` and shown in `build_info`.',
  }),
  SHED_ABOVE_MS: Type.Integer({
    default: 1,
    minimum: 0,
    description:
      'Wait in line (for a turn of the event loop, for a connection of the pool) that, if it does not end, has requests refused with 503; 0 for never.',
  }),
  SHUTDOWN_TIMEOUT_MS: Type.Integer({
    default: 55_000,
    minimum: 1,
    description:
      'The process exits with 1 this long after SIGTERM if it is still there; keep it below `stopTimeout`.',
  }),
};

/** Where a service listens; 0 for a port that is free, which only the service itself then knows. */
export const portSetting = (port: Port) =>
  Type.Integer({ default: port.default, minimum: 0, maximum: 65_535, description: 'Port to listen on.' });

const CommonConfig = Type.Object(commonSettings);
export type CommonSettings = Static<typeof CommonConfig>;

/**
 * Checks the environment against a schema and gives the typed configuration.
 *
 * Only declared names are read. An empty string counts as absent, so that a task definition can blank a variable.
 * Throws `ConfigError` with every fault at once.
 */
export function readConfig<Schema extends TObject>(schema: Schema, environment: Environment): Static<Schema> {
  const given = Object.entries(schema.properties).flatMap(([name, property]) => {
    const text = environment[name];
    return text === undefined || text === '' ? [] : [[name, parseSetting(property, text)]];
  });
  const config = Value.Default(schema, Object.fromEntries(given));
  const faults = Object.entries(schema.properties).flatMap(([name, property]) =>
    faultOf(name, property, (config as Record<string, unknown>)[name]),
  );
  if (faults.length > 0) throw new ConfigError(faults);
  return config as Static<Schema>;
}

/** Renders a schema as the configuration table of a README: name, meaning, default, one row a variable. */
export function renderConfigTable(schema: TObject): string {
  const rows = Object.entries(schema.properties).map(([name, property]) => {
    const { default: fallback, description = '' } = annotationsOf(property);
    const shown = fallback === undefined ? 'required' : `\`${String(fallback)}\``;
    return `| \`${name}\` | ${description} | ${shown} |`;
  });
  return ['| Variable | Meaning | Default |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A text that is not of the declared type stays a text, and the check refuses it. */
function parseSetting(property: TSchema, text: string): unknown {
  const { type } = annotationsOf(property);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  const isNumeric = type === 'integer' || type === 'number';
  return isNumeric && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function faultOf(name: string, property: TSchema, value: unknown): string[] {
  if (value === undefined) return [`${name} is missing; it must be ${expectationOf(property)}.`];
  return Value.Check(property, value) ? [] : [`${name} must be ${expectationOf(property)}.`];
}

function expectationOf(property: TSchema): string {
  const { type, anyOf, minimum, maximum, description } = annotationsOf(property);
  if (anyOf !== undefined) return `one of ${anyOf.map((option) => option.const).join(', ')}`;
  const range = [
    minimum === undefined ? '' : ` of at least ${minimum}`,
    maximum === undefined ? '' : ` up to ${maximum}`,
  ].join('');
  const kind = kinds[type ?? ''] ?? 'a text';
  return `${kind}${range}${description === undefined ? '' : ` (${description.replace(/\.$/, '')})`}`;
}

const kinds: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

interface Annotations {
  type?: string;
  anyOf?: { const: unknown }[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  description?: string;
}

function annotationsOf(property: TSchema): Annotations {
  return property as Annotations;
}
