import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Client } from 'aedes';
import { Aedes } from 'aedes';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Principal } from '../lib/principal.ts';
import { expiryOf } from '../lib/sockets.ts';
import type { TokenVerifier } from '../lib/tokens.ts';
import { limitPackets } from './mqtt-packets.ts';
import type { PingIntake } from './ping-intake.ts';

export interface MqttIngest {
  readonly port: number;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** MQTT's "not authorized" (3.1.1, section 3.2.2.3). */
const notAuthorized = 5;

/**
 * Takes positions over MQTT 3.1.1: the password is an access token of a driver, the topic `drivers/<own id>/location`,
 * the payload one position as JSON. A publication is acknowledged once its position has been judged; one that is
 * none is left out, as sending it again would not help. Nobody may subscribe, nothing is retained. What breaks these
 * rules, is too large or comes after the token has expired ends the connection.
 */
export async function openMqttIngest(deps: {
  port: number;
  tokens: TokenVerifier;
  intake: PingIntake;
  clock: Clock;
  log: Logger;
}): Promise<MqttIngest> {
  const { tokens, intake, clock, log } = deps;
  const known = new WeakMap<Client, { driver: Principal; expiresAt: number }>();
  const broker = await Aedes.createBroker({
    concurrency: 100,
    authenticate(client, _username, password, done) {
      void recognise(password?.toString('utf8') ?? '').then(
        (identity) => {
          known.set(client, identity);
          done(null, true);
        },
        (error: unknown) =>
          done(Object.assign(new Error(String(error)), { returnCode: notAuthorized }), false),
      );
    },
    authorizePublish(client, packet, done) {
      const text = packet.payload.toString('utf8');
      // Nothing stays in the broker.
      packet.retain = false;
      void take(client, packet.topic, text).then(() => done(null), done);
    },
    authorizeSubscribe: (_client, _subscription, done) => done(null, null),
  });
  broker.on('connectionError', (_client, error) => log.debug({ err: error }, 'MQTT connection refused'));
  broker.on('clientError', (_client, error) => log.debug({ err: error }, 'MQTT connection ended'));

  async function recognise(token: string): Promise<{ driver: Principal; expiresAt: number }> {
    const driver = await tokens.verify(token);
    if (driver.role !== 'driver') throw new Error('This needs the role driver.');
    return { driver, expiresAt: expiryOf(token) };
  }

  async function take(client: Client | null, topic: string, text: string): Promise<void> {
    const identity = client === null ? undefined : known.get(client);
    if (!identity || identity.expiresAt <= clock.now()) throw new Error('The token has expired.');
    const { driver } = identity;
    if (topic !== `drivers/${driver.id}/location`)
      throw new Error('The topic is not drivers/<own id>/location.');
    if (!intake.admit(driver, 1)) throw new Error('Too many positions.');
    await intake.reportText(driver, text);
  }

  const server = createServer((socket: Socket) => {
    socket.setTimeout(90_000, () => socket.destroy());
    broker.handle(Duplex.from({ readable: socket.pipe(limitPackets()), writable: socket }));
  });
  server.listen(deps.port);
  await once(server, 'listening');
  let closing: Promise<void> | undefined;
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : deps.port,
    close() {
      closing ??= new Promise<void>((resolve) => {
        server.close();
        broker.close(resolve);
      });
      return closing;
    },
  };
}
