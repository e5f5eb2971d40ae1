import type { Fault, FaultRule } from './fault-rule.ts';

export type ParsedRules = { rules: FaultRule[]; seed?: number } | { refused: string };

type Json = Readonly<Record<string, unknown>>;

/** A fault of the text: where it is, what was expected there. */
class Misfit extends Error {}

/**
 * Reads the body of `POST /_berth/faults`: `{ "seed": 1, "rules": [{ "operation": "UpdateService", "count": 1,
 * "fault": { "kind": "throttle" } }] }`. Never throws: what does not fit is refused with its place.
 */
export function parseFaultRules(body: string): ParsedRules {
  try {
    const { seed, rules, ...rest } = objectAt(JSON.parse(body), 'the body');
    refuseRest(rest, 'the body', ['seed', 'rules']);
    if (!Array.isArray(rules)) throw new Misfit('rules: expected a list of rules');
    const parsed = rules.map((rule: unknown, index) => parseRule(rule, `rules[${index}]`));
    return seed === undefined ? { rules: parsed } : { rules: parsed, seed: wholeAt(seed, 'seed', 0) };
  } catch (error) {
    if (error instanceof Misfit) return { refused: error.message };
    if (error instanceof SyntaxError) return { refused: `The body is no JSON: ${error.message}` };
    throw error;
  }
}

const RULE_KEYS = ['operation', 'service', 'skip', 'count', 'probability', 'fault'];

function parseRule(value: unknown, at: string): FaultRule {
  const { operation, service, skip, count, probability, fault, ...rest } = objectAt(value, at);
  refuseRest(rest, at, RULE_KEYS);
  return {
    ...(operation === undefined ? {} : { operation: textAt(operation, `${at}.operation`) }),
    ...(service === undefined ? {} : { service: textAt(service, `${at}.service`) }),
    ...(skip === undefined ? {} : { skip: wholeAt(skip, `${at}.skip`, 0) }),
    ...(count === undefined ? {} : { count: wholeAt(count, `${at}.count`, 1) }),
    ...(probability === undefined ? {} : { probability: shareAt(probability, `${at}.probability`) }),
    fault: parseFault(fault, `${at}.fault`),
  };
}

const KINDS: Readonly<Record<Fault['kind'], (fault: Json, at: string) => Fault>> = {
  latency: ({ ms, jitterMs, ...rest }, at) => {
    refuseRest(rest, at, ['kind', 'ms', 'jitterMs']);
    const fault: Fault = { kind: 'latency', ms: wholeAt(ms, `${at}.ms`, 0) };
    return jitterMs === undefined ? fault : { ...fault, jitterMs: wholeAt(jitterMs, `${at}.jitterMs`, 0) };
  },
  throttle: (rest, at) => {
    refuseRest(rest, at, ['kind']);
    return { kind: 'throttle' };
  },
  error: ({ status, code, message, ...rest }, at) => {
    refuseRest(rest, at, ['kind', 'status', 'code', 'message']);
    if (status !== 500 && status !== 502 && status !== 503 && status !== 504) {
      throw new Misfit(`${at}.status: expected 500, 502, 503 or 504`);
    }
    return {
      kind: 'error',
      status,
      ...(code === undefined ? {} : { code: textAt(code, `${at}.code`) }),
      ...(message === undefined ? {} : { message: textAt(message, `${at}.message`) }),
    };
  },
  reset: ({ when, ...rest }, at) => {
    refuseRest(rest, at, ['kind', 'when']);
    if (when !== 'before' && when !== 'after') throw new Misfit(`${at}.when: expected "before" or "after"`);
    return { kind: 'reset', when };
  },
  stale: ({ ms, ...rest }, at) => {
    refuseRest(rest, at, ['kind', 'ms']);
    return { kind: 'stale', ms: wholeAt(ms, `${at}.ms`, 0) };
  },
  'clock-offset': ({ ms, ...rest }, at) => {
    refuseRest(rest, at, ['kind', 'ms']);
    return { kind: 'clock-offset', ms: wholeAt(ms, `${at}.ms`) };
  },
};

const isKind = (value: unknown): value is Fault['kind'] =>
  typeof value === 'string' && Object.hasOwn(KINDS, value);

function parseFault(value: unknown, at: string): Fault {
  const { kind, ...rest } = objectAt(value, at);
  if (!isKind(kind)) throw new Misfit(`${at}.kind: expected one of ${Object.keys(KINDS).join(', ')}`);
  return KINDS[kind](rest, at);
}

function objectAt(value: unknown, at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Misfit(`${at}: expected an object`);
  }
  return { ...value };
}

function refuseRest(rest: Json, at: string, known: readonly string[]): void {
  const [stranger] = Object.keys(rest);
  if (stranger !== undefined)
    throw new Misfit(`${at}: unknown key "${stranger}"; known are ${known.join(', ')}`);
}

function textAt(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') throw new Misfit(`${at}: expected a text`);
  return value;
}

function wholeAt(value: unknown, at: string, least?: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= (least ?? value)) return value;
  throw new Misfit(`${at}: expected a whole number${least === undefined ? '' : ` of at least ${least}`}`);
}

function shareAt(value: unknown, at: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1))
    throw new Misfit(`${at}: expected a number from 0 to 1`);
  return value;
}
