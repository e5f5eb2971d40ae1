import { isIP } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { conditionValues } from '../proxy/rule-match.ts';
import { notOffered, present, validationError } from './validation.ts';

const fields = [
  'path-pattern',
  'host-header',
  'http-header',
  'http-request-method',
  'query-string',
  'source-ip',
] as const;
type Field = (typeof fields)[number];

/** Fields of which a rule can have more than one condition. */
const repeatable: readonly Field[] = ['http-header', 'query-string'];
const MOST_VALUES = 5;

/** Checks the conditions of a rule and gives them as AWS shows them, values in both members. */
export function readConditions(conditions: readonly RuleCondition[]): RuleCondition[] {
  if (conditions.length === 0) throw validationError('A condition must be specified');
  const read = conditions.map((condition, index) => readCondition(condition, index + 1));
  for (const field of fields) {
    const count = read.filter(({ Field }) => Field === field).length;
    if (count > 1 && !repeatable.includes(field)) {
      throw validationError(`A rule can only have one '${field}' condition`);
    }
  }
  if (read.reduce((sum, condition) => sum + valueCount(condition), 0) > MOST_VALUES) {
    throw validationError(`A rule can only have '${MOST_VALUES}' condition values`);
  }
  return read;
}

const valueCount = (condition: RuleCondition) =>
  condition.QueryStringConfig?.Values?.length ?? conditionValues(condition).length;

function readCondition(condition: RuleCondition, index: number): RuleCondition {
  const given = present(condition.Field, `conditions.${index}.member.field`);
  const field = fields.find((known) => known === given);
  if (!field) throw validationError(`Condition field '${given}' must be one of '[${fields.join(', ')}]'`);
  assertOwnConfig(condition, field);
  if (field === 'query-string') return readQuery(condition);
  if (field === 'http-header') assertHeaderName(condition.HttpHeaderConfig?.HttpHeaderName);
  assertOneSource(condition, field);
  const values = conditionValues(condition);
  if (values.length === 0) throw validationError('A condition value must be specified');
  for (const value of values) assertValue(value, field);
  return shown(condition, field, values);
}

const configNames = {
  'path-pattern': 'PathPatternConfig',
  'host-header': 'HostHeaderConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
} as const satisfies Record<Field, keyof RuleCondition>;

function assertOwnConfig(condition: RuleCondition, field: Field): void {
  for (const [other, name] of Object.entries(configNames)) {
    if (other === field || condition[name] === undefined) continue;
    throw validationError(`You cannot provide '${name}' for a condition of type '${field}'`);
  }
}

function shown(
  condition: RuleCondition,
  field: Exclude<Field, 'query-string'>,
  Values: string[],
): RuleCondition {
  switch (field) {
    case 'path-pattern':
      return { Field: field, Values, PathPatternConfig: { Values } };
    case 'host-header':
      return { Field: field, Values, HostHeaderConfig: { Values } };
    case 'http-header': {
      const HttpHeaderName = condition.HttpHeaderConfig?.HttpHeaderName;
      return { Field: field, HttpHeaderConfig: { HttpHeaderName, Values } };
    }
    case 'http-request-method':
      return { Field: field, HttpRequestMethodConfig: { Values } };
    case 'source-ip':
      return { Field: field, SourceIpConfig: { Values } };
  }
}

function readQuery({ QueryStringConfig }: RuleCondition): RuleCondition {
  const pairs = QueryStringConfig?.Values ?? [];
  if (pairs.length === 0) throw validationError('A condition value must be specified');
  for (const { Key, Value } of pairs) {
    if (!Value) throw validationError("A 'query-string' condition value must have a Value");
    for (const text of [Key ?? '', Value]) {
      if (text.length > 128)
        throw validationError("The 'query-string' value is too long; the limit is '128'");
    }
  }
  return { Field: 'query-string', QueryStringConfig: { Values: pairs } };
}

function assertHeaderName(name: string | undefined): void {
  const given = present(name, 'conditions.1.member.httpHeaderConfig.httpHeaderName');
  if (!/^[A-Za-z0-9!#$%&'+.^_`|~-]{1,40}$/.test(given)) {
    throw validationError(
      `The 'http-header' name '${given}' must be a header name of at most '40' characters without wildcards`,
    );
  }
  if (given.toLowerCase() === 'host') {
    throw validationError("A 'http-header' condition cannot be on the header 'Host'; use 'host-header'");
  }
}

function assertOneSource(condition: RuleCondition, field: Exclude<Field, 'query-string'>): void {
  const name = configNames[field];
  const config = condition[name];
  if (condition.RegexValues?.length || (config && 'RegexValues' in config && config.RegexValues?.length)) {
    throw notOffered('A regular expression in a condition', "use Values with '*' and '?'");
  }
  if (config && condition.Values?.length) {
    throw validationError(`You cannot provide both Values and '${name}' for a condition of type '${field}'`);
  }
  if (!config && field !== 'path-pattern' && field !== 'host-header') {
    throw validationError(`You must provide '${name}' for a condition of type '${field}'`);
  }
  if (!config && (condition.Values?.length ?? 0) > 1) {
    throw validationError(`The '${field}' field contains too many values; the limit is '1'`);
  }
}

/** Which texts each field takes. Source: ELBv2 API, RuleCondition and its members (read 2026-11). */
const valueRules: Record<Exclude<Field, 'query-string' | 'source-ip'>, { most: number; allowed: RegExp }> = {
  'path-pattern': { most: 128, allowed: /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/ },
  'host-header': { most: 128, allowed: /^[A-Za-z0-9\-.*?]+$/ },
  'http-header': { most: 128, allowed: /^[\x20-\x7e]+$/ },
  'http-request-method': { most: 40, allowed: /^[A-Z_-]+$/ },
};

function assertValue(value: string, field: Exclude<Field, 'query-string'>): void {
  if (field === 'source-ip') {
    assertBlock(value);
    return;
  }
  const { most, allowed } = valueRules[field];
  if (value.length > most) throw validationError(`The '${field}' value is too long; the limit is '${most}'`);
  if (!allowed.test(value)) {
    throw validationError(`The '${field}' value '${value}' contains a character that is not allowed`);
  }
}

function assertBlock(block: string): void {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(block) ?? [];
  const family = isIP(address);
  if (family !== 0 && Number(prefix) <= (family === 6 ? 128 : 32)) return;
  throw validationError(`The 'source-ip' value '${block}' must be a valid CIDR block, as in '10.0.0.0/16'`);
}
