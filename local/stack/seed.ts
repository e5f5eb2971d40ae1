/** Who can log in on a seeded platform. */
export interface Seed {
  /** E-mail addresses: a manager, a customer and five drivers. */
  readonly people: readonly string[];
  readonly password: string;
  readonly orderId: string;
}

/** The account that identity makes at its first start, for `FIRST_MANAGER`. */
export const firstManager = { email: 'manager@example.com', password: 'local password' } as const;

/**
 * Opens the accounts of a customer and five drivers, has the drivers available where they are, and places an order,
 * which dispatch then gives to the nearest of them.
 */
export async function seedPlatform(base: string): Promise<Seed> {
  const { password } = firstManager;
  const manager = await logIn(base, firstManager.email);
  const enrol = async (role: 'driver' | 'customer', email: string, name: string) => {
    await ask(base, 'POST /auth/register', { token: manager.token, body: { email, password, name, role } });
    return email;
  };
  const customer = await enrol('customer', 'customer@example.com', 'Cleo Customer');
  const drivers: string[] = [];
  for (const number of [1, 2, 3, 4, 5]) {
    const email = await enrol('driver', `driver${number}@example.com`, `Driver ${number}`);
    const { id, token } = await logIn(base, email);
    await untilAnswered(() =>
      ask(base, `PUT /drivers/${id}/availability`, { token, body: { status: 'available' } }),
    );
    const at = new Date().toISOString();
    const body = { lat: 52.5 + number / 100, lon: 13.4, at };
    await ask(base, `POST /drivers/${id}/location`, { token, body });
    drivers.push(email);
  }
  const { token } = await logIn(base, customer);
  const order = await ask(base, 'POST /orders', {
    token,
    body: {
      pickup: { lat: 52.52, lon: 13.41, address: 'Alexanderplatz 1' },
      dropoff: { lat: 52.5, lon: 13.35, address: 'Nollendorfplatz 5' },
    },
  });
  return { people: [firstManager.email, customer, ...drivers], password, orderId: String(order.id) };
}

async function logIn(base: string, email: string): Promise<{ id: string; token: string }> {
  const body = { email, password: firstManager.password };
  // The first manager is made a moment after the service has started.
  const { user, accessToken } = await untilAnswered(() => ask(base, 'POST /auth/login', { body }));
  return { id: (user as { id: string }).id, token: String(accessToken) };
}

/** Sends one request. Throws with the answer when it is not 2xx. */
async function ask(
  base: string,
  request: `${'POST' | 'PUT'} /${string}`,
  { body, token }: { body: object; token?: string },
): Promise<Record<string, unknown>> {
  const [method = '', path = ''] = request.split(' ');
  const answer = await fetch(base + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${request} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

const patienceMs = 30_000;
const pauseMs = 200;

/** Tries until it works: what one service does is known to the others a moment later. */
async function untilAnswered<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
