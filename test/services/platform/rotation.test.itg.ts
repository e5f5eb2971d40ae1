import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import pg from 'pg';
import { makeSelfSigned } from '../../../local/aws/elbv2/tls/self-signed.ts';
import { startPostgres } from '../../../local/stack/postgres.ts';
import { service as gateway } from '../../../services/gateway/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { service as order } from '../../../services/order/service.ts';
import { type AwsDouble, startAwsDouble } from '../../../services/test/doubles/aws-double.ts';
import { ask, having, until } from './caller.ts';
import { nowhere } from './gateway-ground.ts';
import { type Ground, signingKey, startGround } from './ground.ts';
import { asService, logInManager } from './people.ts';

let ground: Ground;
let aws: AwsDouble;
let aheadMs = 0;
/** The system's clock, ahead of it by what the test says: caches of minutes expire within seconds. */
const clock = { ...systemClock, now: () => Date.now() + aheadMs };

beforeAll(async () => {
  [ground, aws] = await Promise.all([startGround(), startAwsDouble()]);
  await Promise.all([ground.migrate('identity'), ground.migrate('order')]);
});
afterAll(async () => {
  await ground.stop();
  await aws.close();
});

/** Asks on and on, eight at a time, until told to stop; gives how many answers of each status there were. */
function startLoad(request: () => Promise<number>) {
  const counts: Record<number, number> = {};
  let asked = 0;
  let isOver = false;
  const workers = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const status = await request();
      counts[status] = (counts[status] ?? 0) + 1;
      asked += 1;
    }
  });
  return {
    /** Waits for so many more answers. */
    async answers(count: number): Promise<void> {
      const wanted = asked + count;
      await until(async () => asked >= wanted);
    },
    async stop() {
      isOver = true;
      await Promise.all(workers);
      return counts;
    },
  };
}

describe('rotated under load', () => {
  test('the signing keys go from next to current to previous, and no token is refused', async () => {
    const [first, second] = [await signingKey('a'), await signingKey('b')];
    aws.script.secrets.keys = JSON.stringify({ current: first });
    const outside = { aws: aws.access, clock };
    const { base: identityBase } = await ground.start(
      identity,
      { JWT_KEYS: '', JWT_KEYS_SECRET_ARN: 'keys' },
      outside,
    );
    const { base } = await ground.start(order, {}, outside);
    await logInManager(identityBase, ground);
    const login = having(
      await ask(identityBase, 'POST /auth/login', { body: ground.manager }),
      'accessToken',
      'refreshToken',
    );
    let refreshToken = login.json.refreshToken;
    // The newest comes last; each is shown until shortly before it expires, fifteen minutes after it was signed.
    const tokens = [{ token: login.json.accessToken, at: clock.now() }];
    const kids = new Set<unknown>();
    let turn = 0;
    const load = startLoad(async () => {
      turn += 1;
      const { token = '' } = tokens[turn % tokens.length] ?? {};
      return (await ask(base, 'GET /orders?limit=1', { token })).status;
    });
    /** So many half minutes, in each of which a token is renewed and requests are made with all that are good. */
    async function pass(halfMinutes: number): Promise<void> {
      for (let step = 0; step < halfMinutes; step += 1) {
        while (tokens[0] && clock.now() - tokens[0].at > 13 * 60_000) tokens.shift();
        await load.answers(8);
        aheadMs += 30_000;
        const renewed = await ask(identityBase, 'POST /auth/token/refresh', { body: { refreshToken } });
        const { json } = having(renewed, 'accessToken', 'refreshToken');
        refreshToken = json.refreshToken;
        kids.add(decodeProtectedHeader(json.accessToken).kid);
        tokens.push({ token: json.accessToken, at: clock.now() });
        await load.answers(16);
      }
    }
    await pass(4);
    aws.script.secrets.keys = JSON.stringify({ current: first, next: second });
    // Three lives of the cached keys, as the rotation waits.
    await pass(30);
    expect([...kids]).toEqual(['a']);
    aws.script.secrets.keys = JSON.stringify({ current: second, previous: first });
    await pass(34);
    aws.script.secrets.keys = JSON.stringify({ current: second });
    await pass(14);
    const counts = await load.stop();
    expect(Object.keys(counts)).toEqual(['200']);
    expect([...kids]).toEqual(['a', 'b']);
    const { json } = await ask(identityBase, 'GET /.well-known/jwks.json');
    expect(json.keys?.map(({ kid }) => kid)).toEqual(['b']);
  });

  test('the key that services sign with is taken at once, whoever reads it first', async () => {
    aws.script.secrets.service = ground.serviceKey;
    const settings = { SERVICE_KEY: '', SERVICE_KEY_SECRET_ARN: 'service' };
    const outside = { aws: aws.access, clock };
    const { base: identityBase } = await ground.start(identity, {}, { clock });
    const { base: orderBase } = await ground.start(order, settings, outside);
    const upstreams = ['DRIVER', 'DISPATCH', 'NOTIFICATION', 'TRACKING', 'CUSTOMER'];
    const { base } = await ground.start(
      gateway,
      {
        ...settings,
        IDENTITY_URL: identityBase,
        ORDER_URL: orderBase,
        ...Object.fromEntries(upstreams.map((name) => [`${name}_URL`, nowhere])),
        ...{ USER_REQUESTS_PER_MINUTE: '1000000', ADDRESS_REQUESTS_PER_MINUTE: '1000000' },
      },
      outside,
    );
    const { token } = await logInManager(identityBase, ground);
    // Order has read the key half a minute before the gateway.
    const headers = asService('dispatch', ground, clock.now());
    expect((await ask(orderBase, 'GET /orders?limit=1', { headers })).status).toBe(200);
    aheadMs += 30_000;
    const load = startLoad(async () => (await ask(base, 'GET /orders?limit=1', { token })).status);
    async function pass(seconds: number): Promise<void> {
      for (let step = 0; step < seconds; step += 9) {
        await load.answers(16);
        aheadMs += 9_000;
      }
      await load.answers(16);
    }
    // A secret is read once a minute: now order has read it again, and the gateway will be the first to see a change.
    await pass(36);
    for (const text of [`new key\n${ground.serviceKey}`, 'new key', 'newest key\nnew key', 'newest key']) {
      aws.script.secrets.service = text;
      await pass(72);
    }
    expect(Object.keys(await load.stop())).toEqual(['200']);
    // Who signs with a key that was taken out is nobody.
    const late = asService('dispatch', ground, clock.now());
    expect((await ask(orderBase, 'GET /orders?limit=1', { headers: late })).status).toBe(401);
  });
});

describe('the password of the database', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rotation-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A server that asks for passwords and encryption, as RDS does, with a certificate this process trusts. */
  async function startStrictPostgres() {
    const { certificatePem, privateKeyPem } = makeSelfSigned(['localhost'], Date.now(), Buffer.from([1]));
    const files = {
      'server.crt': certificatePem,
      'server.key': privateKeyPem,
      'hba.conf': 'host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n',
    };
    await chmod(folder, 0o755);
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { mode: 0o600 });
      if (process.getuid?.() === 0) await chown(join(folder, name), 65_534, 65_534);
    }
    setDefaultCACertificates([...getCACertificates('default'), certificatePem]);
    return startPostgres({
      settings: [
        'ssl=on',
        `ssl_cert_file=${join(folder, 'server.crt')}`,
        `ssl_key_file=${join(folder, 'server.key')}`,
        `hba_file=${join(folder, 'hba.conf')}`,
      ],
    });
  }

  test('is rotated under load: connections opened meanwhile try again, and no request fails', async () => {
    const postgres = await startStrictPostgres();
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    const secretOf = (password: string) =>
      JSON.stringify({ host: 'localhost', port: postgres.port, username: 'orders', password });
    await ground.migrate('order', postgres.url);
    aws.script.secrets.database = secretOf('password');
    const { base, running } = await ground.start(
      order,
      { DATABASE_URL: '', DB_SECRET_ARN: 'database', DATABASE_POOL_SIZE: '20' },
      { aws: aws.access },
    );
    const body = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };
    const place = async () => {
      const id = '00000000-0000-7000-8000-000000000001';
      const customer = { id, org: 'public', role: 'customer' as const, permissions: [] };
      const headers = { [identityHeader]: signIdentity(customer, ground.serviceKey, Date.now()) };
      return (await ask(base, 'POST /orders', { body, headers })).status;
    };
    expect(await place()).toBe(201);
    const open = async () =>
      (await admin.query(`select from pg_stat_activity where usename = 'orders'`)).rowCount ?? 0;
    for (const password of ['second', 'third']) {
      const before = await open();
      const loads = [startLoad(place)];
      await loads[0]?.answers(8);
      await admin.query(`alter role orders password '${password}'`);
      // Connections are opened now, with a password that is no longer right.
      loads.push(startLoad(place));
      await loads[0]?.answers(8);
      aws.script.secrets.database = secretOf(password);
      await loads[1]?.answers(40);
      for (const load of loads) expect(Object.keys(await load.stop())).toEqual(['201']);
      expect(await open()).toBeGreaterThan(before);
      // So that the second round opens connections too.
      await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'orders'`);
      await until(async () => (await place()) === 201);
    }
    await running.close();
    await admin.end();
    await postgres.stop();
  });
});
