import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import { plain, type Shape, shape, shapes, text, texts } from '../shape.ts';

/** Blocks that are a list of values, with the condition's field. */
const valueBlocks = {
  host_header: ['host-header', 'HostHeaderConfig'],
  path_pattern: ['path-pattern', 'PathPatternConfig'],
  http_request_method: ['http-request-method', 'HttpRequestMethodConfig'],
  source_ip: ['source-ip', 'SourceIpConfig'],
  http_header: ['http-header', 'HttpHeaderConfig'],
} as const;

/** Gives the conditions of a rule as ELBv2 takes them. */
export function conditionsOf(blocks: Value | undefined): Shape[] {
  return items(blocks).flatMap((condition) => [
    ...Object.entries(valueBlocks).flatMap(([name, [Field, config]]) =>
      items(condition[name]).map((block) => ({
        Field,
        [config]: {
          Values: block.values,
          ...(name === 'http_header' && { HttpHeaderName: block.http_header_name }),
        },
      })),
    ),
    ...queryStrings(items(condition.query_string)),
  ]);
}

/** Gives conditions as Terraform has them, one block each. */
export function conditionBlocks(conditions: unknown): ObjectValue[] {
  const names = [...Object.keys(valueBlocks), 'query_string'];
  const none = Object.fromEntries(names.map((name) => [name, []]));
  return shapes(conditions).map((condition) => ({ ...none, ...blockOf(condition) }));
}

function blockOf(condition: Shape): ObjectValue {
  if (condition.Field === 'query-string') {
    const values = shapes(shape(condition.QueryStringConfig).Values);
    return { query_string: values.map(({ Key, Value }) => ({ key: plain(Key), value: plain(Value) })) };
  }
  const found = Object.entries(valueBlocks).find(([, [field]]) => field === condition.Field);
  if (found === undefined) return {};
  const [name, [, member]] = found;
  const config = shape(condition[member]);
  const values = config.Values === undefined ? texts(condition.Values) : texts(config.Values);
  return { [name]: [{ values, ...extras(name, config) }] };
}

function extras(name: string, config: Shape): ObjectValue {
  if (name === 'http_header') return { http_header_name: text(config.HttpHeaderName), regex_values: [] };
  if (name === 'source_ip') return { ip_address_type: null };
  return name === 'http_request_method' ? {} : { regex_values: [] };
}

function queryStrings(blocks: readonly ObjectValue[]): Shape[] {
  if (blocks.length === 0) return [];
  const Values = blocks.map(({ key, value }) => ({ Value: value, ...(key && { Key: key }) }));
  return [{ Field: 'query-string', QueryStringConfig: { Values } }];
}

function items(blocks: Value | undefined): ObjectValue[] {
  return (isList(blocks) ? blocks : []).filter(isObject);
}
