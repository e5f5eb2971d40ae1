import type { RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RoutedRequest } from './routed-request.ts';

export interface RedirectFrom {
  request: Pick<RoutedRequest, 'host' | 'path' | 'query'>;
  protocol: 'http' | 'https';
  listenerPort: number;
  /** The port a listener of the same load balancer really has for the one it was asked to have. */
  realPort(askedPort: number): number;
}

/**
 * The `Location` of a redirect: always with a port, `#{…}` replaced by what the request has, the query left
 * out when it is empty.
 */
export function redirectLocation(config: RedirectActionConfig, from: RedirectFrom): string {
  const { request } = from;
  const parts: Record<string, string> = {
    protocol: from.protocol,
    port: String(from.listenerPort),
    host: request.host,
    path: request.path.replace(/^\//, ''),
    query: request.query,
  };
  const fill = (text: string | undefined, otherwise: string) =>
    (text ?? otherwise).replace(/#\{(\w+)\}/g, (whole, word: string) => parts[word] ?? whole);
  const protocol = fill(config.Protocol, '#{protocol}').toLowerCase();
  const port = /^\d+$/.test(config.Port ?? '') ? from.realPort(Number(config.Port)) : from.listenerPort;
  const query = fill(config.Query, '#{query}');
  const path = fill(config.Path, '/#{path}');
  return `${protocol}://${fill(config.Host, '#{host}')}:${port}${path}${query ? `?${query}` : ''}`;
}
