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
];
const MOST_VALUES = 5;

/** Checks the conditions of a rule and gives them as AWS shows them, values in both members. */
export function readConditions(conditions: readonly RuleCondition[]): RuleCondition[] {
  if (conditions.length === 0) throw validationError('A condition must be specified');
  const read = conditions.map((condition, index) => readCondition(condition, index + 1));
  for (const field of ['path-pattern', 'host-header']) {
    if (read.filter(({ Field }) => Field === field).length > 1) {
      throw validationError(`A rule can only have one '${field}' condition`);
    }
  }
  if (read.flatMap(({ Values }) => Values ?? []).length > MOST_VALUES) {
    throw validationError(`A rule can only have '${MOST_VALUES}' condition values`);
  }
  return read;
}

function readCondition(condition: RuleCondition, index: number): RuleCondition {
  const field = present(condition.Field, `conditions.${index}.member.field`);
  if (!fields.includes(field)) {
    throw validationError(`Condition field '${field}' must be one of '[${fields.join(', ')}]'`);
  }
  if (field !== 'path-pattern' && field !== 'host-header') {
    throw notOffered(`Condition field '${field}'`, "use 'path-pattern' or 'host-header'");
  }
  assertOneSource(condition, field);
  const values = conditionValues(condition);
  for (const value of values) assertValue(value, field);
  const config = { Values: values };
  return field === 'path-pattern'
    ? { Field: field, Values: values, PathPatternConfig: config }
    : { Field: field, Values: values, HostHeaderConfig: config };
}

function assertOneSource(condition: RuleCondition, field: 'path-pattern' | 'host-header'): void {
  const [config, name] =
    field === 'path-pattern'
      ? [condition.PathPatternConfig, 'PathPatternConfig']
      : [condition.HostHeaderConfig, 'HostHeaderConfig'];
  if (condition.RegexValues?.length || config?.RegexValues?.length) {
    throw notOffered('A regular expression in a condition', "use Values with '*' and '?'");
  }
  if (config && condition.Values?.length) {
    throw validationError(`You cannot provide both Values and '${name}' for a condition of type '${field}'`);
  }
  if (!config && (condition.Values?.length ?? 0) > 1) {
    throw validationError(`The '${field}' field contains too many values; the limit is '1'`);
  }
  if (conditionValues(condition).length === 0) throw validationError('A condition value must be specified');
}

function assertValue(value: string, field: 'path-pattern' | 'host-header'): void {
  if (value.length > 128) throw validationError(`The '${field}' value is too long; the limit is '128'`);
  const allowed = field === 'path-pattern' ? /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/ : /^[A-Za-z0-9\-.*?]+$/;
  if (!allowed.test(value)) {
    throw validationError(`The '${field}' value '${value}' contains a character that is not allowed`);
  }
}
