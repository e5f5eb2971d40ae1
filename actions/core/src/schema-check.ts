import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { Fault } from './errors.ts';
import { nearMatches } from './near-match.ts';
import { renderValue } from './render-value.ts';
import type { YamlDocument, YamlPath } from './yaml-document.ts';

/**
 * Checks a document against a JSON Schema (2020-12) and gives its faults as sentences with places, in the order
 * of the file; empty when it fits. Sub-schemas may carry `"x-expected"`, the words for what belongs there.
 */
export function checkAgainstSchema(document: YamlDocument, schema: object): Fault[] {
  if (document.faults.length > 0) return [...document.faults];
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true });
  ajv.addKeyword('x-expected');
  if (ajv.validate(schema, document.value)) return [];
  const faults = withoutBranches(ajv.errors ?? []).flatMap((error) => faultOf(error, document) ?? []);
  return uniqueInOrder(faults);
}

/** Where a choice has words of its own, what each of its branches missed is left out. */
function withoutBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const choices = errors.filter(
    ({ keyword, parentSchema }) => keyword === 'oneOf' && expectedOf(parentSchema),
  );
  const isBranch = (error: ErrorObject): boolean =>
    choices.some((choice) => choice !== error && isWithin(error.instancePath, choice.instancePath));
  return errors.filter((error) => !isBranch(error));
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/`);
}

function faultOf(error: ErrorObject, document: YamlDocument): Fault | undefined {
  const path = pathOf(error.instancePath);
  const name = renderPath(path);
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(error.params.additionalProperty ?? error.params.unevaluatedProperty);
      return { message: unknownKey(name, key, error), place: document.placeOfKey([...path, key]) };
    }
    case 'required': {
      const key = String(error.params.missingProperty);
      const words = expectedOf((error.parentSchema?.properties as Record<string, object> | undefined)?.[key]);
      return { message: `${name} needs "${key}"${words ? `: ${words}` : ''}`, place: document.placeOf(path) };
    }
    case 'propertyNames':
      return undefined; // the rule inside it reports the name itself
    case 'if':
    case 'oneOf':
    case 'anyOf':
      return error.parentSchema?.['x-expected'] ? mismatch(error, name, path, document) : undefined;
    default:
      return mismatch(error, name, path, document);
  }
}

function mismatch(error: ErrorObject, name: string, path: YamlPath, document: YamlDocument): Fault {
  if (error.propertyName !== undefined) {
    const expected = expectedOf(error.parentSchema) ?? error.message;
    const key = `the name "${error.propertyName}" in ${name}`;
    return {
      message: `${key} is not usable: expected ${expected}`,
      place: document.placeOfKey([...path, error.propertyName]),
    };
  }
  const expected = expectedOf(error.parentSchema) ?? plainExpectation(error);
  return {
    message: `${name} is ${renderValue(error.data)}: expected ${expected}`,
    place: document.placeOf(path),
  };
}

function unknownKey(name: string, key: string, error: ErrorObject): string {
  const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
  const near = nearMatches(key, known);
  const hint = near.length > 0 ? `did you mean "${near[0]}"?` : `known keys are ${known.join(', ')}`;
  return `unknown key "${key}" in ${name}: ${hint}`;
}

function expectedOf(schema: unknown): string | undefined {
  return (schema as { 'x-expected'?: string } | undefined)?.['x-expected'];
}

function plainExpectation({ keyword, params, message }: ErrorObject): string {
  const types: Record<string, string> = {
    string: 'a text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map of keys and values',
    null: 'nothing',
  };
  if (keyword === 'type')
    return [params.type]
      .flat()
      .map((t: string) => types[t] ?? t)
      .join(' or ');
  if (keyword === 'enum') return params.allowedValues.map((v: unknown) => JSON.stringify(v)).join(' or ');
  if (keyword === 'const') return JSON.stringify(params.allowedValue);
  return String(message).replace(/^must (be|have|match|NOT have) /, (_, verb) =>
    verb === 'be' ? '' : `to ${verb} `,
  );
}

/** `services.email-api.needs[0]`; the document itself is `the file`. */
export function renderPath(path: YamlPath): string {
  if (path.length === 0) return 'the file';
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join('');
}

function pathOf(instancePath: string): YamlPath {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** One fault a place and message, sorted as the reader meets them. */
function uniqueInOrder(faults: Fault[]): Fault[] {
  const byKey = new Map(faults.map((f) => [`${f.place?.line}:${f.place?.column} ${f.message}`, f]));
  return [...byKey.values()].sort(
    (a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}
