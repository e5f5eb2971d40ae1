import type { Action, RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsFault } from '../../fault.ts';
import { assertOneOf, present } from './validation.ts';

const invalid = (message: string) => new AwsFault('InvalidLoadBalancerAction', message);

/** What a redirect keeps when it does not say otherwise. */
const kept = {
  Protocol: '#{protocol}',
  Port: '#{port}',
  Host: '#{host}',
  Path: '/#{path}',
  Query: '#{query}',
} as const;

/**
 * Checks a `redirect` action and gives it as AWS shows it, the parts it keeps spelled out.
 * Source: ELBv2 API, RedirectActionConfig (read 2026-11).
 */
export function readRedirect(config: RedirectActionConfig | undefined, index: number): Action {
  const path = `actions.${index}.member.redirectConfig`;
  const given = present(config, path);
  const StatusCode = present(given.StatusCode, `${path}.statusCode`);
  assertOneOf(StatusCode, `${path}.statusCode`, ['HTTP_301', 'HTTP_302']);
  const full = { ...kept, ...dropAbsent(given), StatusCode };
  assertParts(full);
  const { Protocol, Port, Host, Path } = full;
  if (Protocol === kept.Protocol && Port === kept.Port && Host === kept.Host && Path === kept.Path) {
    throw invalid(
      'The redirect configuration is not valid because it creates a loop: change the protocol, host, port or path',
    );
  }
  return { Type: 'redirect', Order: 1, RedirectConfig: full };
}

function dropAbsent(config: RedirectActionConfig): Partial<Record<keyof typeof kept, string>> {
  const { Protocol, Port, Host, Path, Query } = config;
  return Object.fromEntries(
    Object.entries({ Protocol, Port, Host, Path, Query }).filter(([, value]) => value !== undefined),
  );
}

function assertParts({ Protocol, Port, Host, Path, Query }: Record<keyof typeof kept, string>): void {
  if (!['HTTP', 'HTTPS', kept.Protocol].includes(Protocol)) {
    throw invalid(`The redirect protocol '${Protocol}' must be 'HTTP', 'HTTPS' or '${kept.Protocol}'`);
  }
  const number = /^\d{1,5}$/.test(Port) ? Number(Port) : 0;
  if (Port !== kept.Port && (number < 1 || number > 65535)) {
    throw invalid(`The redirect port '${Port}' must be in the range of 1-65535 or '${kept.Port}'`);
  }
  if (Host.length < 1 || Host.length > 128) throw invalid("The redirect host must have '1-128' characters");
  if (!Path.startsWith('/') || Path.length > 128) {
    throw invalid(`The redirect path '${Path}' must begin with '/' and have at most '128' characters`);
  }
  if (Query.startsWith('?') || Query.length > 128) {
    throw invalid("The redirect query must have no leading '?' and at most '128' characters");
  }
  for (const [word] of `${Host}${Path}${Query}`.matchAll(/#\{[^}]*\}/g)) {
    if (['#{protocol}', '#{host}', '#{port}', '#{path}', '#{query}'].includes(word)) continue;
    throw invalid(
      `The redirect keyword '${word}' is not one of #{protocol}, #{host}, #{port}, #{path}, #{query}`,
    );
  }
}
