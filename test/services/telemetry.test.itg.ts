import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLog } from '../../services/lib/log.ts';
import { type Answer, ask, eventually, having, until } from './platform/caller.ts';
import { type Collector, startCollector } from './platform/collector.ts';
import { enrol, logInManager, whoLoggedIn } from './platform/people.ts';
import { type ServiceName, startWhole, type Whole } from './platform/whole.ts';

/** What must never be in a log, whatever its level. */
const secrets = {
  email: 'ada.lovelace@example.com',
  name: 'Ada Lovelace',
  password: 'a password nobody may read',
  wrongPassword: 'a wrong password nobody may read',
  phone: '+4915112345678',
  pushToken: 'device-token-nobody-may-read',
  street: 'Rosenweg 17',
  sender: 'charles.babbage@example.com',
  mail: 'words meant for one person',
  trackToken: 'track-token-nobody-may-read',
};
const traceId = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const traceparent = `00-${traceId}-00000000000000aa-01`;
const centre = { lat: 52.5, lon: 13.4 };

interface Line {
  msg: string;
  level: string;
  trace?: string;
  request?: string;
  method?: string;
  path?: string;
  status?: number;
  ms?: number;
}

let whole: Whole;
let collector: Collector;
let lines: string[];
const read = () => lines.map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  lines = [];
  collector = await startCollector();
  const write = (line: string) => void lines.push(line);
  const log = createLog({ service: 'whole', version: 'test' }, 'debug', { write });
  whole = await startWhole({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint }, { log });
  await journey();
});
afterAll(async () => {
  await whole.stop();
  await collector.close();
});

const tokens: string[] = [];

/** Asks and insists on the status: a journey that got stuck would prove nothing. */
async function expecting(status: number, ...asked: Parameters<typeof ask>): Promise<Answer> {
  const answer = await ask(...asked);
  if (answer.status !== status)
    throw new Error(`${asked[1]} gave ${answer.status} ${JSON.stringify(answer.json)} instead of ${status}.`);
  return answer;
}

/** From a new account to a delivered order, with mistakes on the way; everything a client asks goes to the gateway. */
async function journey(): Promise<void> {
  const { identity, driver: drivers, gateway, 'email-api': mail } = whole.bases;
  const manager = await logInManager(identity, whole.ground);
  const driver = await enrol(identity, manager, 'driver');
  const ping = { lat: centre.lat + 0.001, lon: centre.lon, at: new Date().toISOString() };
  const asDriver = { token: driver.token };
  await eventually(
    () => ask(drivers, `GET /drivers/${driver.id}`, asDriver),
    ({ status }) => status === 200,
  );
  await expecting(202, gateway, `POST /drivers/${driver.id}/location`, { body: ping, ...asDriver });
  await expecting(200, gateway, `PUT /drivers/${driver.id}/availability`, {
    body: { status: 'available' },
    ...asDriver,
  });

  const { email, name, password } = secrets;
  await expecting(201, gateway, 'POST /auth/register', { body: { email, name, password } });
  await expecting(400, gateway, 'POST /auth/register', {
    body: { email, name, password, hobby: secrets.mail },
  });
  await expecting(400, gateway, 'POST /auth/register', { body: `{"password":"${password}",` });
  await expecting(401, gateway, 'POST /auth/login', { body: { email, password: secrets.wrongPassword } });
  const login = await expecting(200, gateway, 'POST /auth/login', { body: { email, password } });
  const { id } = whoLoggedIn(login);
  const { json: session } = having(login, 'accessToken', 'refreshToken');
  const renewal = await expecting(200, gateway, 'POST /auth/token/refresh', {
    body: { refreshToken: session.refreshToken },
  });
  const { json: renewed } = having(renewal, 'accessToken', 'refreshToken');
  const customer = { token: renewed.accessToken };
  tokens.push(manager.token, driver.token, session.accessToken, session.refreshToken);
  tokens.push(renewed.accessToken, renewed.refreshToken);

  const own = `/customers/${id}` as const;
  await eventually(
    () => ask(gateway, `GET ${own}/preferences`, customer),
    ({ status }) => status === 200,
  );
  const channels = { email: true, sms: true, push: true, slack: false };
  await expecting(200, gateway, `PUT ${own}/preferences`, {
    body: { channels, source: 'app', version: 1 },
    ...customer,
  });
  await expecting(201, gateway, `POST ${own}/tokens`, {
    body: { kind: 'sms', value: secrets.phone },
    ...customer,
  });
  await expecting(201, gateway, `POST ${own}/tokens`, {
    body: { kind: 'push', value: secrets.pushToken },
    ...customer,
  });
  const place = { label: 'Home', address: secrets.street, ...centre };
  await expecting(201, gateway, `POST ${own}/addresses`, { body: place, ...customer });

  const order = { pickup: { ...centre, address: secrets.street }, dropoff: { lat: 52.6, lon: 13.5 } };
  const headers = { traceparent };
  const ordered = await expecting(201, gateway, 'POST /orders', { body: order, headers, ...customer });
  const { json: placed } = having(ordered, 'id');
  const follow = (status: string) =>
    eventually(
      () => ask(gateway, `GET /orders/${placed.id}`, customer),
      ({ json }) => json.status === status,
    );
  let { version } = (await follow('assigned')).json;
  for (const status of ['picked-up', 'delivered']) {
    await expecting(200, gateway, `PATCH /orders/${placed.id}/status`, {
      body: { status, version },
      ...asDriver,
    });
    version = (await follow(status)).json.version;
  }
  await expecting(401, gateway, `GET /tracking/orders/${placed.id}?token=${secrets.trackToken}`);
  const data = {
    email_subject: secrets.mail,
    email_sender: secrets.sender,
    email_timestream: '1693561101',
    email_content: secrets.mail,
  };
  await expecting(202, mail, 'POST /api/email', { body: { token: whole.emailToken, data } });
  await expecting(401, mail, 'POST /api/email', { body: { token: secrets.wrongPassword, data } });
  await expecting(200, gateway, `GET /notifications?user=${id}`, customer);
  await expecting(204, gateway, 'POST /auth/logout', {
    body: { refreshToken: renewed.refreshToken },
    ...customer,
  });
}

describe('traces', () => {
  test('lead from the gateway through order and dispatch back to order, queries and events among them', async () => {
    const trace = () => collector.spans.filter((span) => span.traceId === traceId);
    const wanted = [
      ['gateway', 'POST /orders'],
      ['gateway', 'POST order'],
      ['order', 'POST /orders'],
      ['order', 'publish order.created.v1'],
      ['dispatch', 'handle order.created.v1'],
      ['dispatch', 'write assignment'],
      ['dispatch', 'PUT order'],
      ['order', 'PUT /orders/:id/assignment'],
      ['notification', 'handle order.assigned.v1'],
    ];
    const has = ([service, name]: string[]) =>
      trace().some((span) => span.service === service && span.name === name);
    // The exporter sends every five seconds.
    await until(async () => wanted.every(has)).catch(() => undefined);
    expect(wanted.filter((one) => !has(one))).toEqual([]);
    const byId = new Map(trace().map((span) => [span.spanId, span]));
    const parentOf = (service: string, name: string) => {
      const span = trace().find((one) => one.service === service && one.name === name);
      const parent = byId.get(span?.parentSpanId ?? '');
      return parent && `${parent.service} ${parent.name}`;
    };
    expect(parentOf('gateway', 'POST order')).toBe('gateway POST /orders');
    expect(parentOf('order', 'POST /orders')).toBe('gateway POST order');
    expect(parentOf('dispatch', 'handle order.created.v1')).toBe('order POST /orders');
    expect(parentOf('order', 'PUT /orders/:id/assignment')).toBe('dispatch PUT order');
    const queries = trace().filter(({ attributes }) => attributes['db.system.name'] === 'postgresql');
    expect(queries.map(({ service }) => service)).toEqual(expect.arrayContaining(['order', 'dispatch']));
  });

  test('hold nothing personal', () => {
    const text = JSON.stringify(collector.spans);
    for (const secret of [...Object.values(secrets), ...tokens, whole.emailToken])
      expect(text).not.toContain(secret);
  });
});

describe('the log', () => {
  test('has one line for each request with its trace and its id', () => {
    const requests = read().filter(({ msg, level }) => msg === 'request' && level !== 'debug');
    expect(requests.length).toBeGreaterThan(20);
    const faulty = requests.filter(
      ({ trace, request, method, path, status, ms }) =>
        !/^[0-9a-f]{32}$/.test(trace ?? '') ||
        [request, method, path].some((text) => typeof text !== 'string') ||
        [status, ms].some((number) => typeof number !== 'number'),
    );
    expect(faulty).toEqual([]);
    // One at the gateway, one at order.
    const placing = requests.filter(
      ({ method, path, trace }) => method === 'POST' && path === '/orders' && trace === traceId,
    );
    expect(placing.map(({ status }) => status)).toEqual([201, 201]);
  });

  test('holds no passwords, tokens, addresses, telephone numbers or keys, at no level', () => {
    const keys = [whole.emailToken, whole.ground.serviceKey, whole.ground.manager.password];
    const found = [...Object.values(secrets), ...tokens, ...keys].flatMap((secret) =>
      lines.filter((line) => line.includes(secret)).map((line) => ({ secret, line })),
    );
    expect(found).toEqual([]);
    const addresses = lines.filter((line) => /[\w.+-]+@[\w-]+\.[a-z]{2,}/i.test(line));
    expect(addresses).toEqual([]);
  });
});

const web: readonly ServiceName[] = [
  'identity',
  'order',
  'driver',
  'dispatch',
  'notification',
  'tracking',
  'customer',
  'gateway',
  'email-api',
];
const everywhere: readonly ServiceName[] = [...web, 'email-consumer'];
const withSchema: readonly ServiceName[] = [
  'identity',
  'order',
  'driver',
  'dispatch',
  'notification',
  'tracking',
  'customer',
];
const onBus: readonly ServiceName[] = [...withSchema, 'gateway'];

describe('metrics', () => {
  test.each<[metric: string, type: string, labels: string[], where: readonly ServiceName[]]>([
    ['http_request_duration_seconds', 'histogram', ['route', 'method', 'status'], everywhere],
    ['http_requests_in_flight', 'gauge', [], everywhere],
    ['nodejs_eventloop_utilization', 'gauge', [], everywhere],
    ['build_info', 'gauge', ['version', 'node'], everywhere],
    ['db_query_duration_seconds', 'histogram', ['query'], withSchema],
    ['db_connect_errors_total', 'counter', [], withSchema],
    [
      'outbox_unpublished',
      'gauge',
      [],
      ['identity', 'order', 'driver', 'dispatch', 'tracking', 'customer', 'notification'],
    ],
    [
      'outbox_oldest_seconds',
      'gauge',
      [],
      ['identity', 'order', 'driver', 'dispatch', 'tracking', 'customer', 'notification'],
    ],
    ['bus_published_total', 'counter', ['subject', 'result'], onBus],
    ['bus_consumed_total', 'counter', ['subject', 'result'], onBus],
    ['bus_lag', 'gauge', ['consumer'], onBus],
    ['orders_total', 'counter', ['status', 'kind'], ['order']],
    ['order_assign_seconds', 'histogram', [], ['order']],
    ['drivers_available', 'gauge', [], ['driver']],
    ['driver_locations_total', 'counter', ['result'], ['driver', 'tracking']],
    ['dispatch_queue_depth', 'gauge', [], ['dispatch']],
    ['dispatch_match_seconds', 'histogram', [], ['dispatch']],
    ['dispatch_unassigned_total', 'counter', ['reason'], ['dispatch']],
    ['ws_clients', 'gauge', ['hub'], ['gateway', 'tracking']],
    ['ws_dropped_total', 'counter', [], ['gateway']],
    ['ws_dropped_total', 'counter', ['reason'], ['tracking']],
    ['notifications_total', 'counter', ['channel', 'result'], ['notification']],
    ['notification_dlq_depth', 'gauge', [], ['notification']],
    ['emails_received_total', 'counter', ['result'], ['email-api']],
    ['emails_sent_batch_size', 'histogram', [], ['email-api']],
    ['emails_stored_total', 'counter', ['result'], ['email-consumer']],
    ['email_end_to_end_seconds', 'histogram', [], ['email-consumer']],
    ['auth_logins_total', 'counter', ['result'], ['identity']],
    ['jwt_key_age_seconds', 'gauge', [], ['identity']],
  ])('%s is a %s with the labels %s', async (metric, type, labels, where) => {
    const found = new Set<string>();
    for (const service of where) {
      const text = await (await fetch(`${whole.bases[service]}/metrics`)).text();
      expect(text).toContain(`# TYPE ${metric} ${type}\n`);
      for (const [, given = ''] of text.matchAll(
        new RegExp(`^${metric}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm'),
      )) {
        expect(given).toContain(`service="${service}"`);
        const names = [...given.matchAll(/(\w+)="/g)].map(([, name = '']) => name);
        found.add(
          names
            .filter((name) => name !== 'service' && name !== 'le')
            .sort()
            .join(),
        );
      }
    }
    // The journey has made a series of each.
    expect([...found]).toEqual([labels.toSorted().join()]);
  });
});
