import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Transaction } from './database.ts';
import { Problem } from './problem.ts';
import { sql } from './sql.ts';

/** The answer to a request, as it is kept and given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Which request a key stands for: keys of different callers, or for different routes, have nothing to do with each other. */
export interface KeyedRequest {
  /** Without one the request is answered each time it comes. */
  readonly key: string | undefined;
  /** The caller and the route, such as `<user id> POST /orders`. */
  readonly scope: string;
  readonly body: unknown;
}

/** Longest key, in characters: a UUID has 36. */
const longestKey = 255;

/** The `Idempotency-Key` of a request, if it has one. Throws `REQUEST_INVALID` for one that is empty or too long to keep. */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string') return undefined;
  if (key !== '' && key.length <= longestKey) return key;
  const detail = `Send an Idempotency-Key of 1 to ${longestKey} characters, such as a UUID.`;
  throw new Problem('REQUEST_INVALID', detail, { field: 'idempotency-key' });
}

/**
 * Runs a creating request once for its `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the key, what it
 * was for and the answer are written in the transaction of the change. The same request again gets the same answer.
 *
 * Several at once wait for the first by the row's lock. Throws `KEY_REUSED` when the key came with another body. Keys
 * are kept for a day. Must run inside `transaction`, which the caller opens.
 */
export async function answerOnce(
  transaction: Transaction,
  { key, ...about }: KeyedRequest,
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer & { replayed: boolean }> {
  if (key === undefined) return { ...(await work()), replayed: false };
  const request = { ...about, key };
  const hash = hashOf(request.body);
  const mine = await transaction.query(
    'idempotency_claim',
    sql`insert into idempotency_keys (scope, key, body_hash) values (${request.scope}, ${request.key}, ${hash})
      on conflict (scope, key) do nothing returning key`,
  );
  if (mine.length === 0) return { ...(await replay(transaction, request, hash)), replayed: true };
  const answer = await work();
  await transaction.query(
    'idempotency_keep',
    sql`update idempotency_keys set status = ${answer.status}, body = ${JSON.stringify(answer.body)}::jsonb
      where scope = ${request.scope} and key = ${request.key}`,
  );
  return { ...answer, replayed: false };
}

async function replay(
  transaction: Transaction,
  request: { scope: string; key: string },
  hash: string,
): Promise<KeptAnswer> {
  const [kept] = await transaction.query<{ body_hash: string; status: number | null; body: unknown }>(
    'idempotency_read',
    sql`select body_hash, status, body from idempotency_keys
      where scope = ${request.scope} and key = ${request.key}`,
  );
  if (kept?.status == null) {
    throw new Problem('KEY_IN_USE', 'The first request with this key has not been answered.', {
      retryAfterSeconds: 1,
    });
  }
  if (kept.body_hash !== hash) {
    throw new Problem('KEY_REUSED', 'This Idempotency-Key came with another body before; use a new key.');
  }
  return { status: kept.status, body: kept.body };
}

/** Of the body with its keys sorted: the same request in another order of fields is the same request. */
function hashOf(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(body)) ?? '')
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}

/** Forgets keys older than a day. */
export async function cleanKeys(database: Pick<Transaction, 'query'>): Promise<void> {
  await database.query(
    'idempotency_clean',
    sql`delete from idempotency_keys where created_at < now() - interval '1 day'`,
  );
}
