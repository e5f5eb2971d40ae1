import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MatchersV3, PactV3, Verifier } from '@pact-foundation/pact';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import type { Principal } from '../../../services/lib/principal.ts';
import { ask, eventually, having } from '../platform/caller.ts';
import { type GatewayGround, startGatewayGround } from '../platform/gateway-ground.ts';
import { enrol, logInManager, type Person } from '../platform/people.ts';

const { eachLike, fromProviderState, like, regex } = MatchersV3;

/** What stands for any id in the pact files; the provider's state puts a real one in its place. */
const anyId = '01900000-0000-7000-8000-000000000000';

let all: GatewayGround;
let folder: string;
let manager: Person;
let driver: Person;
let orderId: string;

beforeAll(async () => {
  // Pact would tell its makers of every run.
  process.env.PACT_DO_NOT_TRACK = 'true';
  folder = await mkdtemp(join(tmpdir(), 'berth-pacts-'));
  all = await startGatewayGround();
  manager = await logInManager(all.bases.identity, all.ground);
  driver = await enrol(all.bases.identity, manager, 'driver');
  const body = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };
  ({ id: orderId } = having(
    await ask(all.bases.order, 'POST /orders', { body, token: manager.token }),
    'id',
  ).json);
  await eventually(
    () => ask(all.bases.driver, `GET /drivers/${driver.id}`, { token: manager.token }),
    ({ status }) => status === 200,
  );
});
afterAll(async () => {
  await all.ground.stop();
  await rm(folder, { recursive: true, force: true });
});

type Provider = 'identity' | 'order' | 'driver';

interface Interaction {
  readonly given: string;
  readonly what: string;
  /** With `${id}` where an id stands. */
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** What the gateway reads of each service, and of its answers only what it, or a screen behind it, uses. */
const interactions: Readonly<Record<Provider, readonly Interaction[]>> = {
  identity: [
    {
      given: 'an account',
      what: 'the account of who asks',
      path: '/users/${id}',
      body: { id: like(anyId), role: like('manager'), org: like('public'), email: like('a@example.com') },
    },
  ],
  order: [
    {
      given: 'an order',
      what: 'an order',
      path: '/orders/${id}',
      body: { id: like(anyId), status: like('created'), version: like(1), customerId: like(anyId) },
    },
    {
      given: 'an order',
      what: 'the history of an order',
      path: '/orders/${id}/events',
      body: {
        items: eachLike({ seq: like(1), type: like('created'), at: like('2026-01-01T00:00:00.000Z') }),
      },
    },
    {
      given: 'an order',
      what: 'the orders of an organisation',
      path: '/orders',
      body: { items: eachLike({ id: like(anyId), status: like('created') }) },
    },
  ],
  driver: [
    {
      given: 'a driver',
      what: 'a driver',
      path: '/drivers/${id}',
      body: { id: like(anyId), name: like('A driver'), status: like('offline') },
    },
    {
      given: 'a driver',
      what: 'the drivers of an organisation',
      path: '/drivers',
      body: { items: eachLike({ id: like(anyId), status: like('offline') }) },
    },
  ],
};

describe.each(['identity', 'order', 'driver'] as const)('the contract of the gateway with %s', (provider) => {
  test('is what the gateway asks and understands', async () => {
    for (const one of interactions[provider]) {
      const path = one.path.replace('${id}', anyId);
      const pact = new PactV3({ consumer: 'gateway', provider, dir: folder, logLevel: 'error' });
      pact
        .given(one.given)
        .uponReceiving(one.what)
        .withRequest({
          method: 'GET',
          path: one.path.includes('$') ? fromProviderState(one.path, path) : path,
          headers: { [identityHeader]: regex(/^[\w-]+\.[\w-]+$/, 'signed.identity') },
        })
        .willRespondWith({ status: 200, body: one.body });
      await pact.executeTest(async ({ url }) => {
        const { base } = await all.startGateway({ [`${provider.toUpperCase()}_URL`]: url });
        const answer = await ask(base, `GET ${path}` as `GET /${string}`, { token: manager.token });
        expect(answer.status).toBe(200);
      });
    }
    const made = JSON.parse(await readFile(join(folder, `gateway-${provider}.json`), 'utf8'));
    // Which versions of the tools wrote it is no part of what was agreed.
    delete made.metadata;
    const text = `${JSON.stringify(made, null, 2)}\n`;
    const kept = new URL(`gateway-${provider}.json`, import.meta.url);
    // Rewrites the contract when asked to: REWRITE=1.
    if (process.env.REWRITE === '1') await writeFile(kept, text);
    else expect(JSON.parse(await readFile(kept, 'utf8'))).toEqual(made);
  });

  test('is kept by the service', async () => {
    const asked: Principal = { id: manager.id, org: 'public', role: 'manager', permissions: [] };
    await new Verifier({
      provider,
      providerBaseUrl: all.bases[provider],
      pactUrls: [join(folder, `gateway-${provider}.json`)],
      logLevel: 'error',
      // The one in the contract is of no key, and would be too old.
      requestFilter: (request: IncomingMessage, _response: unknown, next: () => void) => {
        request.headers[identityHeader] = signIdentity(asked, all.ground.serviceKey, Date.now());
        next();
      },
      stateHandlers: {
        'an account': async () => ({ id: manager.id }),
        'an order': async () => ({ id: orderId }),
        'a driver': async () => ({ id: driver.id }),
      },
    }).verifyProvider();
  });
});
