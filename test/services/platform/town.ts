import { service as dispatchService } from '../../../services/dispatch/service.ts';
import { service as driverService } from '../../../services/driver/service.ts';
import { service as identityService } from '../../../services/identity/service.ts';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import type { RunningService } from '../../../services/lib/service.ts';
import { service as orderService } from '../../../services/order/service.ts';
import { type AwsDouble, startAwsDouble } from '../../../services/test/doubles/aws-double.ts';
import { type Answer, ask, eventually, having } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { type Person, whoLoggedIn } from './people.ts';

/** Identity, order and driver with AWS, for dispatch to work in; each test has an organisation of its own. */
export interface Town {
  readonly ground: Ground;
  readonly aws: AwsDouble;
  readonly orders: string;
  readonly drivers: string;
  /** Starts an instance of dispatch. */
  dispatch(settings?: Record<string, string>): Promise<{ base: string; running: RunningService }>;
  /** An organisation with a customer. */
  organisation(): Promise<Organisation>;
  stop(): Promise<void>;
}

export interface Organisation {
  readonly name: string;
  readonly customer: Person;
  /** The headers of a manager of it who may dispatch, as the gateway signs them. */
  readonly manager: Record<string, string>;
  /** A driver who is free, so many metres north of `centre`. */
  addDriver(metresNorth: number, facts?: object): Promise<Person>;
  /** Places an order at `centre`; gives its id. */
  order(facts?: object): Promise<string>;
  /** The order, once it is as wanted. */
  follow(id: string, isWanted: (order: Answer['json']) => boolean): Promise<Answer['json']>;
}

export const centre = { lat: 52.5, lon: 13.4 };
const metresADegree = 111_195;
const managerId = '01890000-0000-7000-8000-000000000001';
let count = 0;

export async function startTown(): Promise<Town> {
  const ground = await startGround();
  const aws = await startAwsDouble();
  const services = ['identity', 'order', 'driver', 'dispatch'] as const;
  await Promise.all(services.map((name) => ground.migrate(name)));
  const { base: identity } = await ground.start(identityService);
  const { base: orders } = await ground.start(orderService);
  const { base: drivers } = await ground.start(driverService);

  function asManager(org: string): Record<string, string> {
    const principal = { id: managerId, org, role: 'manager' as const, permissions: ['dispatch'] };
    return { [identityHeader]: signIdentity(principal, ground.serviceKey, Date.now()) };
  }

  /** Opens an account in an organisation of its own, which only a manager of it may, and logs in. */
  async function enrol(org: string, role: 'customer' | 'driver'): Promise<Person> {
    count += 1;
    const login = { email: `${role}${count}@example.com`, password: 'correct horse battery' };
    const body = { ...login, name: `${role} ${count}`, role, org };
    await ask(identity, 'POST /auth/register', { body, headers: asManager(org) });
    return whoLoggedIn(await ask(identity, 'POST /auth/login', { body: login }));
  }

  async function addDriver(org: string, metresNorth: number, facts: object): Promise<Person> {
    const person = await enrol(org, 'driver');
    const read = () => ask(drivers, `GET /drivers/${person.id}`, { token: person.token });
    const { json } = await eventually(read, ({ status }) => status === 200);
    if (Object.keys(facts).length > 0) {
      const body = { ...facts, version: json.version };
      await ask(drivers, `PATCH /drivers/${person.id}`, { body, token: person.token });
    }
    const lat = centre.lat + metresNorth / metresADegree;
    const ping = { lat, lon: centre.lon, at: new Date().toISOString() };
    await ask(drivers, `POST /drivers/${person.id}/location`, { body: ping, token: person.token });
    const body = { status: 'available' };
    await ask(drivers, `PUT /drivers/${person.id}/availability`, { body, token: person.token });
    return person;
  }

  return {
    ground,
    aws,
    orders,
    drivers,
    dispatch: (settings = {}) =>
      ground.start(
        dispatchService,
        { ORDER_URL: orders, NOTIFICATION_QUEUE_URL: `${aws.endpoint}/1/notification-jobs`, ...settings },
        { aws: aws.access },
      ),
    async organisation() {
      count += 1;
      const name = `org-${count}`;
      const customer = await enrol(name, 'customer');
      const read = (id: string) => ask(orders, `GET /orders/${id}`, { token: customer.token });
      return {
        name,
        customer,
        get manager() {
          return asManager(name);
        },
        addDriver: (metresNorth, facts = {}) => addDriver(name, metresNorth, facts),
        async order(facts = {}) {
          const body = { pickup: centre, dropoff: { lat: 52.6, lon: 13.5 }, ...facts };
          return having(await ask(orders, 'POST /orders', { body, token: customer.token }), 'id').json.id;
        },
        follow: async (id, isWanted) =>
          (
            await eventually(
              () => read(id),
              ({ json }) => isWanted(json),
            )
          ).json,
      };
    },
    async stop() {
      await ground.stop();
      await aws.close();
    },
  };
}
