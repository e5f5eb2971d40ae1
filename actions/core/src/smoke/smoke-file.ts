import schema from '../../smoke.schema.json' with { type: 'json' };
import { type Fault, faultsError } from '../errors.ts';
import { checkAgainstSchema } from '../schema-check.ts';
import { readYamlDocument, type YamlDocument } from '../yaml-document.ts';
import type { Check, Expectation, Matcher, Suite } from './check.ts';
import { redactor } from './redact.ts';
import { requestFaults } from './request-faults.ts';
import { fillVariables } from './variables.ts';

type Texts = Readonly<Record<string, string>>;

/** A check as the file has it, once the schema holds. */
export interface CheckEntry {
  readonly name: string;
  readonly get?: string;
  readonly post?: string;
  readonly put?: string;
  readonly delete?: string;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly json?: unknown;
  readonly body?: string;
  readonly timeout?: string;
  readonly consecutive?: number;
  readonly expect?: {
    readonly status?: number | readonly number[];
    readonly json?: Readonly<Record<string, unknown>>;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly body?: unknown;
  };
}

interface SuiteEntry {
  readonly defaults?: {
    readonly deadline?: string;
    readonly timeout?: string;
    readonly consecutive?: number;
  };
  readonly checks: readonly CheckEntry[];
}

/** Reads a smoke file as it is written. Throws `SMOKE_INVALID` with all that its form lacks, each with line and column. */
export function readSmokeDocument(text: string, file: string): YamlDocument {
  const document = readYamlDocument(text, file);
  const faults = checkAgainstSchema(document, schema);
  if (faults.length > 0) throw invalid(file, faults);
  return document;
}

/**
 * Reads a smoke file with its variables filled in; `values` are by full name (`base`, `secrets.TOKEN`).
 * Throws `SMOKE_INVALID` with every fault found, each with its line and column. Sends nothing.
 */
export function loadSmokeFile(text: string, file: string, values: Texts): Suite {
  const document = readSmokeDocument(text, file);
  const { filled, unknown } = fillVariables(document.value, values);
  const missing = unknown.map(({ path, message }): Fault => ({ message, place: document.placeOf(path) }));
  if (missing.length > 0) throw invalid(file, missing);
  const { defaults = {}, checks } = filled as SuiteEntry;
  const faults = checks.flatMap((entry, i) => requestFaults(entry, ['checks', i], document));
  if (faults.length > 0) throw invalid(file, withoutSecrets(faults, values));
  return {
    file,
    deadlineMs: durationMs(defaults.deadline ?? '3m'),
    checks: checks.map((entry, i) => checkOf(entry, defaults, i, document)),
  };
}

/** `500ms`, `5s`, `3m` or `1h` in milliseconds. */
export function durationMs(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const [, count = '0', unit = 'ms'] = /^(\d+)(\D+)$/.exec(text) ?? [];
  return Number(count) * (units[unit] ?? 1);
}

function invalid(file: string, faults: readonly Fault[]): Error {
  const count = `${faults.length} fault${faults.length === 1 ? '' : 's'}`;
  return faultsError('SMOKE_INVALID', `${file} has ${count}:`, faults);
}

function withoutSecrets(faults: readonly Fault[], values: Texts): Fault[] {
  const secrets = Object.keys(values).filter((name) => name.startsWith('secrets.'));
  const redact = redactor(secrets.map((name) => values[name] ?? ''));
  return faults.map((fault) => ({ ...fault, message: redact(fault.message) }));
}

function checkOf(
  entry: CheckEntry,
  defaults: NonNullable<SuiteEntry['defaults']>,
  index: number,
  document: YamlDocument,
): Check {
  const [method, url] = requestOf(entry);
  const asWritten = requestOf((document.value as SuiteEntry).checks[index] ?? entry);
  const isJson = entry.json !== undefined;
  const body = isJson ? JSON.stringify(entry.json) : entry.body;
  return {
    name: entry.name,
    written: asWritten.join(' '),
    method,
    url,
    headers: {
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...lowerKeys(entry.headers ?? {}, String),
    },
    ...(body === undefined ? {} : { body }),
    timeoutMs: durationMs(entry.timeout ?? defaults.timeout ?? '5s'),
    consecutive: entry.consecutive ?? defaults.consecutive ?? (method === 'GET' ? 3 : 1),
    expect: expectationOf(entry.expect ?? {}),
    place: document.placeOf(['checks', index]),
  };
}

function requestOf({ get, post, put, delete: remove }: CheckEntry): [Check['method'], string] {
  if (get !== undefined) return ['GET', get];
  if (post !== undefined) return ['POST', post];
  if (put !== undefined) return ['PUT', put];
  return ['DELETE', remove ?? ''];
}

function expectationOf({
  status,
  json = {},
  headers = {},
  body,
}: NonNullable<CheckEntry['expect']>): Expectation {
  return {
    statuses: status === undefined ? [] : [status].flat(),
    json: Object.fromEntries(Object.entries(json).map(([path, expected]) => [path, matcherOf(expected)])),
    headers: lowerKeys(headers, matcherOf),
    ...(body === undefined ? {} : { body: matcherOf(body) }),
  };
}

/** A map holds operators; anything else is what the value must equal. */
function matcherOf(expected: unknown): Matcher {
  const isMap = typeof expected === 'object' && expected !== null && !Array.isArray(expected);
  return isMap ? (expected as Matcher) : { equals: expected };
}

function lowerKeys<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name.toLowerCase(), change(value)]),
  );
}
