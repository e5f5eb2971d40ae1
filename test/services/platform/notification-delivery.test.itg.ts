import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, until } from './caller.ts';
import { all, type Notified, startNotified } from './notified.ts';
import type { ProviderAnswer } from './providers.ts';

let on: Notified;

beforeAll(async () => {
  on = await startNotified();
});
afterEach(() => on.providers.asUsual());
afterAll(() => on.stop());

const contacts = { email: 'ada@example.com', phone: '+4915112345678', pushTokens: ['device-1'] };
const only = (channel: keyof typeof all) => ({
  ...{ email: false, sms: false, push: false, slack: false },
  [channel]: true,
});

/** Has something told by one channel only; gives the user and what the message holds. */
async function order(channel: keyof typeof all, own: object = contacts) {
  const userId = await on.introduce(only(channel), own);
  const orderId = randomUUID();
  await on.tell('order.created.v1', { id: orderId, customerId: userId });
  await until(async () => (await on.rows(userId)).length === 1);
  return { userId, orderId };
}
const rowOf = async (userId: string) => (await on.rows(userId))[0];
const isNow = (userId: string, status: string) => until(async () => (await rowOf(userId))?.status === status);
const putOff = (userId: string) => until(async () => (await rowOf(userId))?.last_error !== null);
const asked = (orderId: string) =>
  on.providers.asked.filter(({ body }) => decodeURIComponent(body).includes(orderId)).length;
const metrics = async () => (await fetch(`${on.base}/metrics`)).text();

describe('a provider', () => {
  test.each<[string, keyof typeof all, string, ProviderAnswer | 'hang', string]>([
    ['SendGrid is away', 'email', 'mail/send', { status: 503 }, 'SendGrid answers 503.'],
    ['Twilio is away', 'sms', 'Messages.json', { status: 500 }, 'Twilio answers 500.'],
    ['FCM gives no token', 'push', '/token', { status: 500 }, 'Google gives no token (500).'],
    ['FCM is away', 'push', 'messages:send', { status: 503 }, 'FCM answers 503.'],
    [
      'FCM answers with a page',
      'push',
      'messages:send',
      { status: 200, body: '<html>' },
      'FCM answers 200 with',
    ],
    [
      'Slack answers with a page',
      'slack',
      '/slack',
      { status: 200, body: '<html>' },
      'Slack answers 200 with',
    ],
    ['Slack hangs', 'slack', '/slack', 'hang', 'Slack did not answer within 5000 ms.'],
  ])('that does not take it now (%s) gets it later, once', async (_what, channel, part, how, reason) => {
    on.providers.answer(part, how);
    const { userId, orderId } = await order(channel);
    await putOff(userId);
    const row = await rowOf(userId);
    expect(row).toMatchObject({ status: 'pending', attempts: 1 });
    expect(row?.last_error).toContain(reason);
    on.providers.asUsual();
    const before = asked(orderId);
    await on.hurry();
    await isNow(userId, 'sent');
    expect(asked(orderId) - before).toBe(1);
    expect((await rowOf(userId))?.attempts).toBe(2);
  });

  test('that says when it can (429 with Retry-After) is not asked before', async () => {
    on.providers.answer('Messages.json', { status: 429, headers: { 'retry-after': '1800' } });
    const began = Date.now();
    const { userId } = await order('sms');
    await putOff(userId);
    const { next_at, status } = (await rowOf(userId)) ?? {};
    expect(status).toBe('pending');
    expect(next_at?.getTime()).toBeGreaterThanOrEqual(began + 1_800_000);
  });

  test('that refuses the address ends it, with its code and without the address', async () => {
    on.providers.answer('Messages.json', {
      status: 400,
      body: `{"code":21211,"message":"${contacts.phone}"}`,
    });
    const { userId } = await order('sms');
    await isNow(userId, 'failed');
    expect((await rowOf(userId))?.last_error).toBe('Twilio refuses it (400, 21211).');
    const [event] = await on.query(
      `select payload from notifications.outbox where payload #>> '{data,userId}' = $1`,
      [userId],
    );
    expect(event?.payload).toMatchObject({
      subject: 'notification.failed.v1',
      data: { channel: 'sms', template: 'order_created', reason: 'Twilio refuses it (400, 21211).' },
    });
    expect(await metrics()).toMatch(/notifications_total\{channel="sms",result="failed"[^}]*\} 1/);
    expect(await metrics()).toMatch(/notification_dlq_depth\{[^}]*\} 0/);
  });

  test('that says a device is gone has it forgotten', async () => {
    const body = '{"error":{"status":"NOT_FOUND","details":[{"errorCode":"UNREGISTERED"}]}}';
    on.providers.answer('messages:send', { status: 404, body });
    const { userId } = await order('push', { pushTokens: ['gone-1'] });
    await isNow(userId, 'failed');
    const [row] = await on.query('select push_tokens from notifications.recipients where id = $1', [userId]);
    expect(row?.push_tokens).toEqual([]);
  });
});

test('a try that died with its process is begun again, and nobody begins it before', async () => {
  const userId = await on.introduce(only('email'), contacts);
  const until = new Date(Date.now() + 3_000);
  const [id, orderId] = [randomUUID(), randomUUID()];
  await on.query(
    `insert into notifications.notifications
      (id, event_id, org_id, user_id, channel, template, payload, attempts, next_at, claimed_until, expires_at)
      values ($1, $1, 'public', $2, 'email', 'order_created', $3, 1, $4, $4, now() + interval '1 day')`,
    [id, userId, JSON.stringify({ orderId }), until],
  );
  await on.job({ notificationId: id });
  await isNow(userId, 'sent');
  expect(Date.now()).toBeGreaterThanOrEqual(until.getTime());
  expect([asked(orderId), (await rowOf(userId))?.attempts]).toEqual([1, 2]);
});

describe('a job that nobody can do', () => {
  const look = async () => (await ask(on.base, 'GET /notifications/dlq', { headers: on.as('manager') })).json;
  const redrive = (body: unknown = {}) =>
    ask(on.base, 'POST /notifications/dlq/redrive', { body, headers: on.as('manager') });

  test('is parked with its reason, seen by a manager, and done once it is mended and redriven', async () => {
    const { twilio: _none, ...rest } = on.providers.keys;
    await on.setKeys(rest);
    // Has the secret read anew.
    on.providers.answer('mail/send', { status: 401 });
    await order('email');
    await until(() => on.providers.asked.some(({ path }) => path.includes('mail/send')));
    const { userId, orderId } = await order('sms');
    await isNow(userId, 'parked');
    await until(async () => (await look()).depth === 1);
    const reason = "The providers' secret has no keys for sms.";
    expect((await look()).messages).toMatchObject([{ reason }]);
    expect((await redrive({ dryRun: true })).json).toEqual({ depth: 1, started: false });
    await on.setKeys(on.providers.keys);
    expect(await redrive()).toMatchObject({ status: 202, json: { depth: 1, started: true } });
    await isNow(userId, 'sent');
    await until(async () => (await look()).depth === 0);
    expect((await look()).redrive).toMatchObject({ status: 'COMPLETED', moved: 1 });
    expect(asked(orderId)).toBe(1);
  });

  test.each([
    ['no JSON', 'not a job', 'The message is no job'],
    ['another shape', { id: 1 }, 'The message is no job: /id'],
    ['a template that there is not', { template: 'spam' }, 'names a template that there is not'],
    ['a template without its data', { data: {} }, 'needs data.orderId'],
    ['a date in the future', { at: new Date(Date.now() + 3_600_000).toISOString() }, 'is in the future'],
  ])('because it is %s is parked, and holds up nobody', async (_what, given, reason) => {
    const { depth = NaN } = await look();
    const job = {
      ...{ id: randomUUID(), userId: randomUUID(), org: 'public', template: 'order_created' },
      ...{ data: { orderId: '1' }, at: new Date().toISOString() },
    };
    await on.job(typeof given === 'string' ? given : { ...job, ...given });
    const { userId } = await order('email');
    await isNow(userId, 'sent');
    await until(async () => (await look()).depth === depth + 1);
    expect(JSON.stringify((await look()).messages)).toContain(reason);
  });

  test('is nothing for others than managers, and a redrive is as its schema says', async () => {
    for (const role of ['customer', 'driver'] as const) {
      const headers = on.as(role);
      expect((await ask(on.base, 'GET /notifications/dlq', { headers })).status).toBe(403);
      expect((await ask(on.base, 'POST /notifications/dlq/redrive', { body: {}, headers })).status).toBe(403);
    }
    expect((await ask(on.base, 'GET /notifications/dlq')).status).toBe(401);
    for (const body of [{ dryRun: 'yes' }, { all: true }, []]) expect((await redrive(body)).status).toBe(400);
  });
});

describe('while something is away', () => {
  test('SQS: what is to be sent waits in the database', async () => {
    const { giveBack } = on.aws.takeAway('sqs');
    const { userId } = await order('email');
    expect((await ask(on.base, 'GET /notifications/dlq', { headers: on.as('manager') })).json.code).toBe(
      'QUEUE_UNAVAILABLE',
    );
    expect((await rowOf(userId))?.status).toBe('pending');
    giveBack();
    await isNow(userId, 'sent');
  });

  test('DynamoDB: sending goes on, the feed says when to come back, and has the entry later', async () => {
    const { giveBack } = on.aws.takeAway('dynamodb');
    const { userId } = await order('email');
    await isNow(userId, 'sent');
    const read = () => ask(on.base, 'GET /notifications', { headers: on.as('customer', userId) });
    const answer = await read();
    expect([answer.status, answer.json.code, answer.headers.get('retry-after')]).toEqual([
      503,
      'STORE_UNAVAILABLE',
      '5',
    ]);
    giveBack();
    await until(async () => (await read()).json.items?.length === 1);
  });

  test('NATS: what is sent is told later', async () => {
    const userId = await on.introduce(only('email'), contacts);
    await on.ground.nats.kill();
    const body = { userId, template: 'order_created', data: { orderId: '1' } };
    const headers = { ...on.as('manager'), 'idempotency-key': randomUUID() };
    expect((await ask(on.base, 'POST /notifications', { body, headers })).status).toBe(202);
    await isNow(userId, 'sent');
    const waiting = () =>
      on.query(
        `select from notifications.outbox where published_at is null and payload #>> '{data,userId}' = $1`,
        [userId],
      );
    expect(await waiting()).toHaveLength(1);
    await on.ground.nats.restart();
    await on.ready();
    await until(async () => (await waiting()).length === 0);
  });

  test('PostgreSQL: a request is told when to come back, and nothing is lost', async () => {
    const userId = await on.introduce(only('email'), contacts);
    await on.ground.postgres.pause();
    const body = { userId, template: 'order_created', data: { orderId: '1' } };
    const headers = { ...on.as('manager'), 'idempotency-key': randomUUID() };
    const answer = await ask(on.base, 'POST /notifications', { body, headers });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await fetch(`${on.base}/health`)).status).toBe(200);
    await on.ground.postgres.restart();
    await on.ready();
    await until(async () => (await ask(on.base, 'POST /notifications', { body, headers })).status === 202);
    await isNow(userId, 'sent');
  });
});

test('an erasure leaves no trace of somebody in PostgreSQL and DynamoDB, and nothing is sent to them', async () => {
  const values = ['Zoe Zebra', 'zoe@zebra.example', 'zoe.other@zebra.example', '+4999111222', 'zoes-device'];
  const [name, email, other, phone, device] = values;
  const userId = randomUUID();
  await on.tell('user.created.v1', { id: userId, email, name, role: 'customer' });
  const preferences = {
    ...{ id: userId, channels: all, locale: 'de' },
    contacts: { email: other, phone, pushTokens: [device] },
  };
  await on.tell('customer.preferences_changed.v1', preferences);
  await isNow(userId, 'sent');
  on.providers.answer('Messages.json', { status: 503 });
  await on.tell('order.created.v1', { id: randomUUID(), customerId: userId });
  await until(async () => (await on.rows(userId)).filter(({ status }) => status === 'sent').length >= 4);
  await until(async () => (await on.aws.dump(on.table)).includes('Zoe Zebra'));
  const trace = async () => {
    const tables = await on.query(
      `select table_name from information_schema.tables where table_schema = 'notifications'`,
    );
    const texts = await Promise.all(
      tables.map(({ table_name }) => on.query(`select t::text from notifications.${table_name} t`)),
    );
    return JSON.stringify(texts) + (await on.aws.dump(on.table));
  };
  const before = await trace();
  for (const value of values) expect(before).toContain(value);

  await on.tell('customer.erased.v1', { id: userId });
  await until(async () => (await on.query('select from notifications.feed_erasures')).length === 0);
  await until(async () => !(await trace()).includes('Zoe Zebra'));
  // Late events bring nobody back.
  await on.tell('user.updated.v1', { id: userId, email, name, role: 'customer' });
  await on.tell('customer.preferences_changed.v1', preferences);
  const last = await on.introduce();
  await on.tell('order.created.v1', { id: randomUUID(), customerId: userId });
  const { userId: after } = await order('email');
  await isNow(after, 'sent');
  const left = await trace();
  for (const value of values) expect(left).not.toContain(value);
  expect(await on.aws.dump(on.table)).not.toContain(userId);
  expect((await on.rows(userId)).filter(({ status }) => status === 'pending')).toEqual([]);
  expect(last).not.toBe(userId);
});
