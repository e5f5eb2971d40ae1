import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { service as identity } from '../../../services/identity/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { type Aws, startAws } from './aws.ts';
import { ask, having, until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { enrol, logInManager, type Person } from './people.ts';

let aws: Aws;
let ground: Ground;
let identityBase: string;
let orders: string;
let manager: Person;
let customer: Person;
let database: pg.Pool;

beforeAll(async () => {
  [aws, ground] = await Promise.all([startAws(), startGround()]);
  await Promise.all([ground.migrate('identity'), ground.migrate('order')]);
  ({ base: identityBase } = await ground.start(identity));
  ({ base: orders } = await ground.start(order, { DATABASE_POOL_SIZE: '3' }));
  manager = await logInManager(identityBase, ground);
  customer = await enrol(identityBase, manager, 'customer');
  database = new pg.Pool({ connectionString: ground.postgres.url, max: 1 });
});
afterAll(async () => {
  await database.end();
  await ground.stop();
  await aws.stop();
});

const place = { pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.5 } };
const create = async () =>
  having(await ask(orders, 'POST /orders', { body: place, token: customer.token }), 'id').json;

test('a password is kept as Argon2id, and an access token is good for a quarter of an hour', async () => {
  const { rows } = await database.query('select password_hash from users.users where id = $1', [customer.id]);
  expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  const { iat = 0, exp = 0 } = decodeJwt(customer.token);
  expect(exp - iat).toBe(900);
});

describe('the summary of an order that is read', () => {
  test('is kept in Redis for a minute at most, and not beyond a change', async () => {
    const redis = new Redis(ground.redis.url);
    const { id } = await create();
    const key = `order:{${id}}:summary`;
    const read = () => ask(orders, `GET /orders/${id}`, { token: customer.token });
    // What has just changed is not kept for two seconds.
    await until(async () => {
      await read();
      return Boolean(await redis.get(key));
    });
    expect(JSON.parse((await redis.get(key)) ?? '')).toMatchObject({ id, status: 'created' });
    expect(await redis.ttl(key)).toBeLessThanOrEqual(60);

    const cancel = { body: { status: 'cancelled', version: 1 }, token: manager.token };
    expect((await ask(orders, `PATCH /orders/${id}/status`, cancel)).status).toBe(200);
    expect(await read()).toMatchObject({ status: 200, json: { status: 'cancelled', version: 2 } });
    redis.disconnect();
  });
});

describe('a receipt', () => {
  test('goes to S3 and comes from there by links that are good for five minutes; its order knows its name', async () => {
    const s3 = new S3Client({ region: 'us-east-1', forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'uploads' }));
    s3.destroy();
    const { id } = await create();
    const file = { name: 'receipt.pdf', mediaType: 'application/pdf' };
    const path = `/orders/${id}/files` as const;
    const answer = await ask(orders, `POST ${path}`, { body: file, token: customer.token });
    const { status, json } = having(answer, 'url');
    expect({ status, json }).toMatchObject({ status: 201, json: file });
    const link = new URL(json.url);
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    expect(link.pathname).toMatch(new RegExp(`receipts/${day}/${id}/[0-9a-f-]{36}$`));
    expect(link.searchParams.get('X-Amz-Expires')).toBe('300');

    const put = await fetch(link, {
      method: 'PUT',
      headers: { 'content-type': file.mediaType },
      body: 'paid',
    });
    expect(put.status).toBe(200);
    const list = await ask(orders, `GET ${path}`, { token: customer.token });
    expect(list.json.items).toMatchObject([file]);
    expect(await (await fetch(list.json.items?.[0]?.url ?? '')).text()).toBe('paid');
  });
});

test('an order service holds no more connections than its pool and its reader, however many ask', async () => {
  const most = { count: 0 };
  const watching = { on: true };
  const watch = (async () => {
    while (watching.on) {
      const { rows } = await database.query(
        "select count(*)::int as count from pg_stat_activity where usename = 'orders'",
      );
      most.count = Math.max(most.count, rows[0].count);
    }
  })();
  const answers = await Promise.all(Array.from({ length: 60 }, create));
  watching.on = false;
  await watch;
  expect(new Set(answers.map(({ id }) => id)).size).toBe(60);
  expect(most.count).toBeGreaterThan(1);
  expect(most.count).toBeLessThanOrEqual(4);
});
