import { setTimeout as sleep } from 'node:timers/promises';
import type { People, Person } from './people.ts';

/** Where a journey is made, and by whom the first accounts are opened. */
export interface JourneyGround {
  /** Base URL of the gateway, or of the one process that is all services. */
  readonly base: string;
  readonly manager: { readonly email: string; readonly password: string };
  /** Everybody of all journeys that are made here. */
  readonly people: People;
}

/** What a journey came to. */
export interface Journey {
  readonly orderId: string;
  /** From the first request to the last message told, in milliseconds. */
  readonly durationMs: number;
  readonly requests: number;
  /** States of the order as the customer's open socket heard them. */
  readonly heard: readonly string[];
  /** Templates that the customer was told by. */
  readonly told: readonly string[];
}

/** Hears of each request that was answered, and how; an error instead of a status where no answer came. */
export type OnAnswer = (request: string, outcome: number | Error) => void;

const password = 'correct horse battery';
const patienceMs = 60_000;
const pauseMs = 100;
/** How the order goes on once a driver has it. */
const steps = ['picked-up', 'delivered'] as const;
const wantedTemplates = ['order_created', 'order_assigned', 'order_delivered'];

/**
 * The way of a delivery from a new customer to the word that it has arrived: register, log in, order, dispatch, pick
 * up, deliver, notified, watched over a WebSocket. Every request goes to `base`. Rejects with the request and its
 * answer when one is not 2xx, and with what is missing when something does not come within a minute.
 */
export async function goldenJourney(
  ground: JourneyGround,
  onAnswer: OnAnswer = () => undefined,
): Promise<Journey> {
  const { base, manager, people } = ground;
  const traveller = new Traveller(ground, onAnswer);
  const startedAt = performance.now();
  const [boss, customer] = await Promise.all([
    traveller.logIn(manager.email, manager.password),
    traveller.enrol('customer'),
  ]);
  const driver = await traveller.enrol('driver', boss.token);
  await traveller.standBy(driver);
  const order = await traveller.ask('POST /orders', {
    token: customer.token,
    body: {
      pickup: { lat: driver.lat, lon: 13.4, address: 'Alexanderplatz 1' },
      dropoff: { lat: driver.lat + 0.02, lon: 13.4, address: 'Nollendorfplatz 5' },
    },
  });
  const id = String(order.id);
  const watcher = await watchOrder(base, customer.token, id);
  try {
    const assigned = await traveller.until(
      () => traveller.ask(`GET /orders/${id}`, { token: customer.token }),
      ({ status }) => status === 'assigned',
    );
    const carrier = people.tryFind(String(assigned.driverId)) ?? driver;
    let version = Number(assigned.version);
    for (const status of steps) {
      const body = { status, version };
      const moved = await traveller.ask(`PATCH /orders/${id}/status`, { token: carrier.token, body });
      version = Number(moved.version);
    }
    await watcher.untilHeard('delivered');
    const feed = await traveller.until(
      () => traveller.ask('GET /notifications', { token: customer.token }),
      (answer) => wantedTemplates.every((template) => templatesOf(answer).includes(template)),
    );
    return {
      orderId: id,
      durationMs: performance.now() - startedAt,
      requests: traveller.requests,
      heard: watcher.heard,
      told: templatesOf(feed),
    };
  } finally {
    watcher.close();
  }
}

type Body = Readonly<Record<string, unknown>>;

class Traveller {
  requests = 0;
  readonly #ground: JourneyGround;
  readonly #onAnswer: OnAnswer;

  constructor(ground: JourneyGround, onAnswer: OnAnswer) {
    this.#ground = ground;
    this.#onAnswer = onAnswer;
  }

  /** Logs in; `number` is that of the account, 0 for the first manager's. */
  async logIn(email: string, secret: string, number = 0): Promise<Person> {
    const { user, accessToken } = await this.ask('POST /auth/login', { body: { email, password: secret } });
    return this.#ground.people.add((user as { id: string }).id, String(accessToken), number);
  }

  /** Opens an account and logs in; for another role than `customer` by a manager. */
  async enrol(role: 'customer' | 'driver', token?: string): Promise<Person> {
    const number = this.#ground.people.nextNumber();
    const email = `${role}-${process.pid}-${Date.now()}-${number}@example.com`;
    const body = { email, password, name: `${role} ${number}`, ...(token !== undefined && { role }) };
    await this.ask('POST /auth/register', { body, ...(token !== undefined && { token }) });
    return this.logIn(email, password, number);
  }

  /** Has a driver say where they are and that they are free, once they are known as one. */
  async standBy({ id, token, lat }: Person): Promise<void> {
    // The account is known to driver by an event; until then there is no such driver.
    await this.until(
      () => this.ask(`GET /drivers/${id}`, { token, expected: [200, 404] }),
      (answer) => answer.id === id,
    );
    const at = new Date().toISOString();
    await this.ask(`POST /drivers/${id}/location`, { token, body: { lat, lon: 13.4, at } });
    await this.ask(`PUT /drivers/${id}/availability`, { token, body: { status: 'available' } });
  }

  async ask(
    request: `${'GET' | 'POST' | 'PUT' | 'PATCH'} /${string}`,
    options: { token?: string; body?: Body; expected?: readonly number[] } = {},
  ): Promise<Body> {
    const { token, body, expected } = options;
    const [method = '', path = ''] = request.split(' ');
    this.requests += 1;
    const answer = await fetch(this.#ground.base + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      this.#onAnswer(request, error);
      throw new Error(`${request} got no answer: ${String(error.cause ?? error)}`);
    });
    const text = await answer.text();
    this.#onAnswer(request, answer.status);
    if (expected === undefined ? !answer.ok : !expected.includes(answer.status))
      throw new Error(`${request} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as Body;
  }

  /** Asks again until the answer is as wanted: what one service does is known to the others a moment later. */
  async until(read: () => Promise<Body>, isWanted: (answer: Body) => boolean): Promise<Body> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const answer = await read();
      if (isWanted(answer)) return answer;
      if (performance.now() > end)
        throw new Error(`A journey waited for a minute; the last answer was ${JSON.stringify(answer)}.`);
      await sleep(pauseMs);
    }
  }
}

interface Watcher {
  readonly heard: readonly string[];
  untilHeard(status: string): Promise<void>;
  close(): void;
}

interface LiveMessage {
  readonly type?: string;
  readonly data?: { readonly status?: string };
}

/** Watches an order over the gateway's socket; rejects when the socket does not open or is refused the topic. */
async function watchOrder(base: string, token: string, id: string): Promise<Watcher> {
  const heard: string[] = [];
  const topic = `order:${id}`;
  const subscribed = Promise.withResolvers<void>();
  let ending: string | undefined;
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`, ['bearer', token]);
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'subscribe', topic })));
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as LiveMessage;
    if (message.type === 'subscribed') subscribed.resolve();
    if (message.type === 'refused') subscribed.reject(new Error(`The gateway refused ${topic}: ${data}`));
    const status = message.data?.status;
    if (message.type === 'event' && status !== undefined && heard.at(-1) !== status) heard.push(status);
  });
  socket.addEventListener('close', ({ code }) => {
    ending = `The socket of ${topic} ended with ${code}.`;
    subscribed.reject(new Error(ending));
  });
  await subscribed.promise;
  return {
    heard,
    async untilHeard(status) {
      const end = performance.now() + patienceMs;
      while (!heard.includes(status)) {
        if (ending !== undefined) throw new Error(ending);
        if (performance.now() > end)
          throw new Error(`The socket of ${topic} did not tell ${status} within a minute, but ${heard}.`);
        await sleep(pauseMs / 10);
      }
    },
    close: () => socket.close(),
  };
}

function templatesOf(feed: Body): string[] {
  const items = (feed.items ?? []) as { template?: string }[];
  return items.map(({ template = '' }) => template);
}
