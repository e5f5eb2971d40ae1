/** Header fields as Node gives them: names and values in turn, in the order and case they came. */
export type RawHeaders = readonly string[];

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function* pairsOf(raw: RawHeaders): Iterable<[name: string, value: string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] ?? '', raw[i + 1] ?? ''];
}

/** All values of a field, in the order they came; `name` in any letters. */
export function headerValues(raw: RawHeaders, name: string): string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (const [key, value] of pairsOf(raw)) if (key.toLowerCase() === wanted) values.push(value);
  return values;
}

export function headerValue(raw: RawHeaders, name: string): string | undefined {
  return headerValues(raw, name)[0];
}

/** Leaves out the fields that belong to one connection (RFC 9110, 7.6.1) and any in `also` (lower case). */
export function endToEndHeaders(raw: RawHeaders, also: readonly string[] = []): string[] {
  const dropped = new Set([...hopByHop, ...also]);
  for (const [name, value] of pairsOf(raw)) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const token of value.split(',')) dropped.add(token.trim().toLowerCase());
  }
  return [...pairsOf(raw)].filter(([name]) => !dropped.has(name.toLowerCase())).flat();
}

export interface Forwarding {
  clientAddress: string;
  /** How the client spoke to the listener. */
  protocol: 'http' | 'https';
  listenerPort: number;
  /** A fresh trace id, `1-<8 hex>-<24 hex>`. */
  traceId: string;
  /** `websocket` for a request that asks to change the protocol. */
  upgrade?: string;
}

/**
 * The header fields a target gets: the client's end-to-end ones, `X-Forwarded-For` (appended),
 * `X-Forwarded-Proto`, `X-Forwarded-Port` and `X-Amzn-Trace-Id`.
 *
 * `Connection: keep-alive` is said although each connection carries one request: a target that is told
 * `close` closes after its answer, and a client still sending its body would see a reset instead of the
 * answer. `Expect` is dropped: the load balancer has answered it.
 */
export function targetHeaders(raw: RawHeaders, forwarding: Forwarding): string[] {
  const replaced = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-amzn-trace-id', 'expect'];
  const headers = endToEndHeaders(raw, replaced);
  const before = headerValue(raw, 'x-forwarded-for');
  const { clientAddress, upgrade } = forwarding;
  headers.push('X-Forwarded-For', before ? `${before}, ${clientAddress}` : clientAddress);
  headers.push('X-Forwarded-Proto', forwarding.protocol);
  headers.push('X-Forwarded-Port', String(forwarding.listenerPort));
  headers.push('X-Amzn-Trace-Id', traceHeader(headerValue(raw, 'x-amzn-trace-id'), forwarding.traceId));
  if (headerValue(raw, 'transfer-encoding')) headers.push('Transfer-Encoding', 'chunked');
  if (upgrade) headers.push('Connection', 'Upgrade', 'Upgrade', upgrade);
  else headers.push('Connection', 'keep-alive');
  return headers;
}

/**
 * Adds `Root=` to a request without one; a request that has one keeps it and gets `Self=` in front.
 * Source: ELB user guide, "Request tracing for your Application Load Balancer".
 */
function traceHeader(given: string | undefined, traceId: string): string {
  if (!given) return `Root=${traceId}`;
  const fields = given.split(';').filter((field) => !/^\s*Self=/.test(field));
  const hasRoot = fields.some((field) => /^\s*Root=/.test(field));
  return [`${hasRoot ? 'Self' : 'Root'}=${traceId}`, ...fields].join(';');
}
