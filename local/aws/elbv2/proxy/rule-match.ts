import { BlockList, isIP } from 'node:net';
import type {
  Action,
  QueryStringKeyValuePair,
  RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ListenerRecord } from '../records.ts';
import { headerValues } from './headers.ts';
import type { RoutedRequest } from './routed-request.ts';

/** Matches a text against a pattern in which `*` is any text and `?` is one character. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  );
  return new RegExp(`^${source}$`, 's').test(text);
}

const matchesAnyCase = (pattern: string, text: string) =>
  matchesPattern(pattern.toLowerCase(), text.toLowerCase());

/** The values of a condition, in whichever of its members they came; none for a query-string condition. */
export function conditionValues(condition: RuleCondition): string[] {
  const config =
    condition.PathPatternConfig ??
    condition.HostHeaderConfig ??
    condition.HttpHeaderConfig ??
    condition.HttpRequestMethodConfig ??
    condition.SourceIpConfig;
  return config?.Values ?? condition.Values ?? [];
}

/**
 * Whether a request fits a condition; one matching value is enough. Paths and methods are compared
 * case-sensitively, host names, headers and query strings are not. An unknown field never fits.
 * Source: ELB user guide, "Condition types for listener rules" (read 2026-11).
 */
export function matchesCondition(condition: RuleCondition, request: RoutedRequest): boolean {
  const values = conditionValues(condition);
  switch (condition.Field) {
    case 'path-pattern':
      return values.some((value) => matchesPattern(value, request.path));
    case 'host-header':
      return values.some((value) => matchesAnyCase(value, request.host));
    case 'http-request-method':
      return values.includes(request.method);
    case 'http-header': {
      const sent = headerValues(request.headers, condition.HttpHeaderConfig?.HttpHeaderName ?? '');
      return values.some((value) => sent.some((text) => matchesAnyCase(value, text)));
    }
    case 'query-string':
      return (condition.QueryStringConfig?.Values ?? []).some((pair) => matchesQuery(pair, request.query));
    case 'source-ip':
      return values.some((block) => isInBlock(block, request.clientAddress));
    default:
      return false;
  }
}

/** A pair without a key fits any parameter with the value. */
function matchesQuery({ Key, Value = '' }: QueryStringKeyValuePair, query: string): boolean {
  return [...new URLSearchParams(query)].some(
    ([key, value]) => (Key === undefined || matchesAnyCase(Key, key)) && matchesAnyCase(Value, value),
  );
}

function isInBlock(block: string, address: string): boolean {
  const [network = '', prefix] = block.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  const plain = address.replace(/^::ffff:/, '');
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** The actions of the rule with the lowest priority whose conditions all match, else the default ones. */
export function selectActions(
  listener: Pick<ListenerRecord, 'rules' | 'defaultActions'>,
  request: RoutedRequest,
): Action[] {
  const matching = listener.rules
    .filter((rule) => rule.conditions.every((condition) => matchesCondition(condition, request)))
    .sort((a, b) => a.priority - b.priority);
  return matching[0]?.actions ?? listener.defaultActions;
}
