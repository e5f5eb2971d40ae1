import { randomUUID } from 'node:crypto';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, having, until } from './caller.ts';
import { all, type Notified, startNotified } from './notified.ts';
import { asService } from './people.ts';

let on: Notified;

beforeAll(async () => {
  on = await startNotified();
});
afterEach(() => on.providers.asUsual());
afterAll(() => on.stop());

const contacts = { email: 'ada@example.com', phone: '+4915112345678', pushTokens: ['device-1'] };
const none = { email: false, sms: false, push: false, slack: false };

async function settled(userId: string, count: number) {
  await until(async () => {
    const rows = await on.rows(userId);
    return rows.length >= count && rows.every(({ status }) => ['sent', 'failed'].includes(status));
  });
  return on.rows(userId);
}
const sentTo = (part: string) =>
  on.providers.asked.filter(({ body }) => decodeURIComponent(body).includes(part));

describe('an event', () => {
  test('of a new account has it welcomed by e-mail', async () => {
    const id = randomUUID();
    const email = 'grace@example.com';
    await on.tell('user.created.v1', { id, email, name: 'Grace <b>', role: 'customer' });
    expect(await settled(id, 1)).toMatchObject([{ channel: 'email', template: 'welcome', status: 'sent' }]);
    const [{ path, authorization, body } = { body: '' }] = sentTo(email);
    expect([path, authorization]).toEqual(['/v3/mail/send', 'Bearer SG.key']);
    const mail = JSON.parse(body);
    expect(mail.subject).toBe('Welcome, Grace <b>');
    expect(mail.content[1].value).toContain('Grace &lt;b&gt;');
  });

  test.each([
    ['in order', ['user.created.v1', 'user.updated.v1', 'user.role_changed.v1']],
    ['the other way round', ['user.role_changed.v1', 'user.updated.v1', 'user.created.v1']],
  ])('of an account that changes, as identity tells it, keeps its address: %s', async (_how, subjects) => {
    const id = randomUUID();
    const told: Record<string, { hours: number; data: object }> = {
      'user.created.v1': { hours: 3, data: { name: 'Old', email: 'kept@example.com' } },
      'user.updated.v1': { hours: 2, data: { name: 'New' } },
      'user.role_changed.v1': { hours: 1, data: { name: 'New', permissions: [] } },
    };
    for (const subject of subjects) {
      const { hours = 0, data } = told[subject] ?? {};
      const at = new Date(Date.now() - hours * 3_600_000).toISOString();
      const event = await on.tell(subject, { id, role: 'customer', ...data }, { at });
      const noted = "select from notifications.inbox where consumer = 'notification-users' and event_id = $1";
      await until(async () => (await on.query(noted, [event])).length === 1);
    }
    const known = await on.query('select name, email from notifications.recipients where id = $1', [id]);
    expect(known).toEqual([{ name: 'New', email: 'kept@example.com' }]);
  });

  test('reaches a customer by every channel that they agree to, in their language', async () => {
    const id = await on.introduce(all, contacts, { locale: 'de-AT' });
    const orderId = randomUUID();
    await on.tell('tracking.delivery_updated.v1', {
      orderId,
      driverId: randomUUID(),
      customerId: id,
      type: 'picked-up',
      at: new Date().toISOString(),
    });
    const rows = await settled(id, 4);
    expect(rows.map(({ channel, status }) => [channel, status])).toEqual([
      ['email', 'sent'],
      ['push', 'sent'],
      ['slack', 'sent'],
      ['sms', 'sent'],
    ]);
    expect(new Set(rows.map(({ template }) => template))).toEqual(new Set(['order_out_for_delivery']));
    const told = sentTo(orderId);
    expect(told.map(({ path }) => path).sort()).toEqual([
      '/2010-04-01/Accounts/AC1/Messages.json',
      '/slack/public',
      '/v1/projects/p/messages:send',
      '/v3/mail/send',
    ]);
    const push = JSON.parse(told.find(({ path }) => path.includes('messages:send'))?.body ?? '');
    expect(push.message).toMatchObject({
      token: 'device-1',
      notification: { title: 'Ihre Bestellung ist unterwegs' },
      android: { collapse_key: rows[1]?.id },
    });
    const sms = new URLSearchParams(told.find(({ path }) => path.includes('Messages.json'))?.body);
    expect(Object.fromEntries(sms)).toMatchObject({ To: contacts.phone, From: '+15005550006' });
  });

  test('reaches nobody by a channel that they have not agreed to, or have no address for', async () => {
    const silent = await on.introduce(none, contacts);
    const mute = await on.introduce(all, {});
    const order = { id: randomUUID(), from: 'created', to: 'cancelled' };
    for (const customerId of [silent, mute]) {
      await on.tell('order.status_changed.v1', { ...order, id: randomUUID(), customerId });
    }
    expect((await settled(mute, 1)).map(({ channel }) => channel)).toEqual(['slack']);
    const last = await on.introduce(all, contacts);
    await on.tell('order.status_changed.v1', { ...order, customerId: last });
    await settled(last, 4);
    expect(await on.rows(silent)).toEqual([]);
  });

  test.each([
    ['order.created.v1', 'order_created', 'customerId', {}],
    ['order.assigned.v1', 'order_assigned', 'customerId', { driverId: true }],
    ['order.assigned.v1', 'driver_assigned', 'driverId', { customerId: true }],
    ['order.status_changed.v1', 'order_delivered', 'customerId', { from: 'picked-up', to: 'delivered' }],
    ['order.status_changed.v1', 'order_cancelled', 'customerId', { from: 'assigned', to: 'cancelled' }],
  ])('%s is told as %s', async (subject, template, who, rest) => {
    const id = await on.introduce({ ...all, slack: false }, contacts);
    const other = await on.introduce(none);
    const others = {
      ...('customerId' in rest && { customerId: other }),
      ...('driverId' in rest && { driverId: other }),
    };
    await on.tell(subject, { id: randomUUID(), ...rest, ...others, [who]: id });
    expect((await settled(id, 1)).map((row) => row.template)).toContain(template);
  });

  test('of an offer is pushed to the driver at once, and not when it has expired', async () => {
    const night = { quietHours: { from: '00:00', to: '23:59', timeZone: 'UTC' } };
    const driverId = await on.introduce(all, { pushTokens: ['cab-1'] }, night);
    const offer = (expiresAt: string) => ({
      ...{ offerId: randomUUID(), orderId: randomUUID(), driverId, expiresAt },
      ...{ distanceMeters: 1234.5, cost: 1, strategy: 'nearest' },
    });
    const subject = 'dispatch.assignment_proposed.v1';
    await on.tell(subject, offer(new Date(Date.now() + 60_000).toISOString()));
    await on.tell(subject, offer(new Date(Date.now() - 1).toISOString()));
    const rows = await settled(driverId, 2);
    expect(rows.map(({ status, last_error }) => [status, last_error]).sort()).toEqual([
      ['failed', 'It came to be too late for it.'],
      ['sent', null],
    ]);
    expect(sentTo('cab-1')).toHaveLength(1);
    expect(sentTo('cab-1')[0]?.body).toContain('1235 m away');
  });

  test('that can wait is not sent in quiet hours', async () => {
    const now = new Date();
    const inHours = (hours: number) =>
      new Date(now.getTime() + hours * 3_600_000).toISOString().slice(11, 16);
    const quietHours = { from: inHours(-1), to: inHours(2), timeZone: 'UTC' };
    const id = await on.introduce(all, contacts, { quietHours });
    await on.tell('order.created.v1', { id: randomUUID(), customerId: id });
    await until(async () => (await on.rows(id)).filter(({ status }) => status === 'sent').length === 2);
    const late = (await on.rows(id)).filter(({ status }) => status === 'pending');
    expect(late.map(({ channel }) => channel)).toEqual(['push', 'sms']);
    for (const { next_at } of late) expect(next_at.getTime()).toBeGreaterThan(now.getTime() + 3_600_000);
  });

  test('that comes twice, or tells what another has told, tells nobody twice', async () => {
    const id = await on.introduce({ ...none, email: true }, contacts);
    const [eventId, orderId] = [randomUUID(), randomUUID()];
    const changed = { id: orderId, from: 'assigned', to: 'picked-up', customerId: id };
    await on.tell('order.status_changed.v1', changed, { id: eventId });
    await on.tell('order.status_changed.v1', changed, { id: eventId });
    await on.tell('tracking.delivery_updated.v1', {
      ...{ orderId, driverId: randomUUID(), customerId: id, type: 'picked-up', at: new Date().toISOString() },
    });
    await on.tell('order.created.v1', { id: orderId, customerId: id });
    expect((await settled(id, 2)).map(({ template }) => template).sort()).toEqual([
      'order_created',
      'order_out_for_delivery',
    ]);
    await until(() => sentTo(orderId).length === 2);
  });

  test('about somebody not known yet waits until they are', async () => {
    const id = randomUUID();
    await on.tell('order.created.v1', { id: randomUUID(), customerId: id });
    await on.tell('user.created.v1', { id, email: 'late@example.com', name: 'Late', role: 'customer' });
    expect((await settled(id, 2)).map(({ template }) => template).sort()).toEqual([
      'order_created',
      'welcome',
    ]);
  });

  test('that is older than what is known changes nothing', async () => {
    const id = await on.introduce({ ...none, email: true }, { email: 'new@example.com' });
    const at = new Date(Date.now() - 60_000).toISOString();
    const old = { id, channels: all, contacts: { email: 'old@example.com', phone: '+49' } };
    await on.tell('customer.preferences_changed.v1', old, { at });
    await on.tell('customer.preferences_changed.v1', { id: randomUUID(), channels: all });
    await on.tell('order.created.v1', { id: randomUUID(), customerId: id });
    expect((await settled(id, 1)).map(({ channel }) => channel)).toEqual(['email']);
    expect(sentTo('old@example.com')).toEqual([]);
  });

  test.each([
    ['no JSON', 'order.created.v1', 'not json', 'not JSON'],
    ['data of another shape', 'order.created.v1', { id: 'x' }, 'order.created.v1: data must have'],
    ['a version that is not known', 'order.created.v2', {}, 'unknown version'],
    ['another version of an account', 'user.created.v9', {}, 'unknown version'],
    ['a date in the future', 'order.created.v1', 'future', 'in the future'],
    ['a time zone that is none', 'customer.preferences_changed.v1', 'zone', 'timeZone is not known'],
  ])('with %s is parked with its reason', async (_what, subject, given, reason) => {
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const { connect } = await import('@nats-io/transport-node');
    const connection = await connect({ servers: on.ground.nats.url });
    const { streams } = await jetstreamManager(connection);
    const count = async () => (await streams.info('DLQ')).state.messages;
    const before = await count();
    const id = randomUUID();
    const zone = { from: '22:00', to: '06:00', timeZone: 'Nowhere/Land' };
    if (given === 'not json') await on.publish(subject, given);
    else if (given === 'future') {
      const at = new Date(Date.now() + 3_600_000).toISOString();
      await on.tell(subject, { id, customerId: id }, { at });
    } else await on.tell(subject, given === 'zone' ? { id, channels: all, quietHours: zone } : given);
    await until(async () => (await count()) > before);
    const message = await streams.getMessage('DLQ', { seq: (await streams.info('DLQ')).state.last_seq });
    expect(JSON.stringify([...(message?.header ?? [])])).toContain(reason);
    await connection.close();
  });
});

describe('the feed', () => {
  test('shows somebody what they were told, the newest first, page by page', async () => {
    const id = await on.introduce({ ...none, email: true }, contacts);
    for (let index = 0; index < 3; index += 1) {
      await on.tell('order.created.v1', { id: randomUUID(), customerId: id });
      await settled(id, index + 1);
    }
    const read = (query = '') =>
      ask(on.base, `GET /notifications${query}`, { headers: on.as('customer', id) });
    await until(async () => (await read()).json.items?.length === 3);
    const { json: first } = having(await read('?limit=2'), 'items', 'next');
    expect(first.items).toHaveLength(2);
    const { json: second } = having(await read(`?limit=2&after=${encodeURIComponent(first.next)}`), 'items');
    const times = [...first.items, ...second.items].map(({ at }) => at);
    expect(times).toEqual([...times].sort().reverse());
    expect(second.items[0]).toMatchObject({ channel: 'email', template: 'order_created', status: 'sent' });
  });

  test('is for the person and the managers of their organisation', async () => {
    const id = await on.introduce();
    const read = (headers: Record<string, string>) =>
      ask(on.base, `GET /notifications?user=${id}`, { headers });
    expect((await read(on.as('customer', id))).status).toBe(200);
    expect((await read(on.as('manager'))).status).toBe(200);
    expect((await read(on.as('manager', undefined, 'other'))).status).toBe(404);
    expect((await read(on.as('driver'))).status).toBe(404);
    expect((await read({})).status).toBe(401);
  });

  test.each(['?user=me', '?limit=0', '?after=x', '?page=2'])('refuses %s', async (query) => {
    const answer = await ask(on.base, `GET /notifications${query}`, { headers: on.as('manager') });
    expect([answer.status, answer.json.code]).toEqual([400, 'BODY_INVALID']);
  });
});

describe('POST /notifications', () => {
  const orderId = randomUUID();
  const post = (body: unknown, headers: Record<string, string>) =>
    ask(on.base, 'POST /notifications', { body, headers });

  test('tells somebody something, once for its key', async () => {
    const userId = await on.introduce({ ...none, sms: true, email: true }, contacts);
    const body = { userId, template: 'order_created', data: { orderId } };
    const headers = { ...on.as('manager', randomUUID()), 'idempotency-key': randomUUID() };
    const answer = await post(body, headers);
    expect(answer).toMatchObject({
      status: 202,
      json: { notifications: [{ channel: 'email' }, { channel: 'sms' }] },
    });
    const again = await post(body, headers);
    expect(again.json).toEqual(answer.json);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await post({ ...body, data: { orderId: 'other' } }, headers)).status).toBe(422);
    expect(await settled(userId, 2)).toHaveLength(2);
  });

  test('is also for services, by one channel if they say so', async () => {
    const userId = await on.introduce(all, contacts);
    const body = { userId, template: 'order_created', data: { orderId }, channel: 'push' };
    const { json } = await post(body, asService('dispatch', on.ground));
    expect(json.notifications).toMatchObject([{ channel: 'push' }]);
  });

  test.each([
    ['no key', {}, { 'idempotency-key': '' }, 400, 'REQUEST_INVALID'],
    ['a user that there is not', { userId: randomUUID() }, {}, 404, 'RESOURCE_UNKNOWN'],
    ['a template that there is not', { template: 'spam' }, {}, 400, 'BODY_INVALID'],
    ['a template without its data', { data: {} }, {}, 400, 'BODY_INVALID'],
    ['data that are no values', { data: { orderId: {} } }, {}, 400, 'BODY_INVALID'],
    ['a channel that there is not', { channel: 'fax' }, {}, 400, 'BODY_INVALID'],
    ['a field that is not known', { extra: 1 }, {}, 400, 'BODY_INVALID'],
  ])('refuses %s', async (_what, change, headers, status, code) => {
    const userId = await on.introduce(all, contacts);
    const key = { 'idempotency-key': randomUUID() };
    const { 'idempotency-key': sent, ...rest } = { ...on.as('manager'), ...key, ...headers };
    const answer = await post(
      { userId, template: 'order_created', data: { orderId }, ...change },
      sent === '' ? rest : { ...rest, 'idempotency-key': sent },
    );
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(await on.rows(userId)).toEqual([]);
  });

  test('is not for customers, nor for managers of another organisation, nor without a token', async () => {
    const userId = await on.introduce();
    const body = { userId, template: 'order_created', data: { orderId } };
    const key = { 'idempotency-key': randomUUID() };
    expect((await post(body, { ...on.as('customer'), ...key })).status).toBe(403);
    expect((await post(body, { ...on.as('manager', undefined, 'other'), ...key })).status).toBe(404);
    expect((await post(body, key)).status).toBe(401);
    expect((await post('{', { ...on.as('manager'), ...key })).json.code).toBe('BODY_NOT_JSON');
    const large = { ...body, data: { orderId: 'x'.repeat(300_000) } };
    expect((await post(large, { ...on.as('manager'), ...key })).status).toBe(413);
  });
});

describe('a job of another service', () => {
  test('is done once however often it is delivered, also when an event tells the same', async () => {
    const userId = await on.introduce(all, contacts);
    const [offerId, orderId, at] = [randomUUID(), randomUUID(), new Date().toISOString()];
    const data = {
      offerId,
      orderId,
      distanceMeters: 5,
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    };
    const job = { id: randomUUID(), userId, org: 'public', template: 'driver_offer', data, at };
    for (let index = 0; index < 3; index += 1) await on.job(job);
    const offer = { ...data, driverId: userId, cost: 1, strategy: 'nearest' };
    const eventId = await on.tell('dispatch.assignment_proposed.v1', offer);
    const isNoted = async (id: string) =>
      (await on.query('select from notifications.inbox where event_id = $1', [id])).length === 1;
    await until(async () => (await isNoted(job.id)) && (await isNoted(eventId)));
    expect(await settled(userId, 1)).toMatchObject([{ channel: 'push', status: 'sent' }]);
    expect(sentTo(orderId)).toHaveLength(1);
  });
});

test('without a key of SendGrid, mails go to the queue of the e-mail pipeline as email-api writes them', async () => {
  const { sendgrid: _none, ...rest } = on.providers.keys;
  await on.setKeys(rest);
  // The secret is read anew once a provider has refused its key.
  on.providers.answer('/v3/mail/send', { status: 401 });
  const id = await on.introduce({ ...none, email: true }, contacts);
  const orderId = randomUUID();
  await on.tell('order.created.v1', { id: orderId, customerId: id });
  await until(async () => (await on.rows(id))[0]?.last_error === 'SendGrid refuses our key.');
  await on.hurry();
  expect(await settled(id, 1)).toMatchObject([{ status: 'sent', attempts: 2 }]);
  const { Messages = [] } = await on.aws.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: on.mailQueueUrl, WaitTimeSeconds: 5 }),
  );
  const mail = JSON.parse(Messages[0]?.Body ?? '{}');
  expect(Object.keys(mail).sort()).toEqual([
    'email_content',
    'email_sender',
    'email_subject',
    'email_timestream',
  ]);
  expect(mail.email_content).toContain(orderId);
  await on.setKeys(on.providers.keys);
});
