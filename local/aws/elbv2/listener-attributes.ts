import { AwsFault } from '../fault.ts';
import type { Dress } from './proxy/answers.ts';

const SERVER = 'routing.http.response.server.enabled';

/** Attributes that put a field on every answer, in place of the target's own. */
const responseFields: Readonly<Record<string, string>> = {
  'routing.http.response.access_control_allow_credentials.header_value': 'Access-Control-Allow-Credentials',
  'routing.http.response.access_control_allow_headers.header_value': 'Access-Control-Allow-Headers',
  'routing.http.response.access_control_allow_methods.header_value': 'Access-Control-Allow-Methods',
  'routing.http.response.access_control_allow_origin.header_value': 'Access-Control-Allow-Origin',
  'routing.http.response.access_control_expose_headers.header_value': 'Access-Control-Expose-Headers',
  'routing.http.response.access_control_max_age.header_value': 'Access-Control-Max-Age',
  'routing.http.response.content_security_policy.header_value': 'Content-Security-Policy',
  'routing.http.response.strict_transport_security.header_value': 'Strict-Transport-Security',
  'routing.http.response.x_content_type_options.header_value': 'X-Content-Type-Options',
  'routing.http.response.x_frame_options.header_value': 'X-Frame-Options',
};

/** All attributes of a listener, those not set at their defaults. Source: SDK ListenerAttribute. */
export function listListenerAttributes(set: ReadonlyMap<string, string>) {
  return [SERVER, ...Object.keys(responseFields)].map((Key) => ({
    Key,
    Value: set.get(Key) ?? (Key === SERVER ? 'true' : ''),
  }));
}

/** Throws `ValidationError` for an unknown key or a value that is none. */
export function assertListenerAttributes(given: ReadonlyMap<string, string>): void {
  for (const [key, value] of given) {
    if (key === SERVER ? value === 'true' || value === 'false' : isFieldValue(key, value)) continue;
    const known = key === SERVER || key in responseFields;
    throw new AwsFault(
      'ValidationError',
      known ? `'${key}' value '${value}' is not valid` : `Listener attribute key '${key}' is not recognized`,
    );
  }
}

const isFieldValue = (key: string, value: string) =>
  key in responseFields && value.length <= 1024 && /^[\x20-\x7e]*$/.test(value);

/** What a listener's attributes do to an answer's header fields. */
export function dressOf(attributes: ReadonlyMap<string, string>): Dress {
  const added = Object.entries(responseFields).flatMap(([key, name]) => {
    const value = attributes.get(key);
    return value ? [{ name, value }] : [];
  });
  const dropped = new Set(added.map(({ name }) => name.toLowerCase()));
  if (attributes.get(SERVER) === 'false') dropped.add('server');
  if (dropped.size === 0) return (headers) => headers;
  return (headers) => {
    const kept: string[] = [];
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const [name = '', value = ''] = headers.slice(i, i + 2);
      if (!dropped.has(name.toLowerCase())) kept.push(name, value);
    }
    return [...kept, ...added.flatMap(({ name, value }) => [name, value])];
  };
}
