import { port as customer } from './customer/port.ts';
import { port as dispatch } from './dispatch/port.ts';
import { port as driver } from './driver/port.ts';
import { port as emailApi } from './email-api/port.ts';
import { port as emailConsumer } from './email-consumer/port.ts';
import { port as gateway } from './gateway/port.ts';
import { port as identity } from './identity/port.ts';
import { ConfigError } from './lib/config-error.ts';
import { compositionPort, type Port } from './lib/port.ts';
import { port as notification } from './notification/port.ts';
import { port as order } from './order/port.ts';
import { port as tracking } from './tracking/port.ts';

const ports: ReadonlyMap<string, Port> = new Map(
  Object.entries({
    gateway,
    identity,
    order,
    driver,
    dispatch,
    notification,
    tracking,
    customer,
    'email-api': emailApi,
    'email-consumer': emailConsumer,
    all: compositionPort,
  }),
);

/** Where a service, or `all`, listens; loads nothing else of it. Throws `ConfigError` when there is no such service. */
export function findPort(service: string | undefined): Port {
  const port = ports.get(service ?? '');
  if (port === undefined) throw unknownService(service);
  return port;
}

/** Says which services there are. */
export function unknownService(service: string | undefined): ConfigError {
  return new ConfigError([`SERVICE is ${service ?? 'missing'}; write ${[...ports.keys()].join(', ')}.`]);
}
