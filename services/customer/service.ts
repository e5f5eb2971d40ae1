import type { Static } from 'typebox';
import { openAccess, openBus, openDatabase } from '../lib/backing.ts';
import { createEventMaker } from '../lib/outbox.ts';
import { createOutboxRelay } from '../lib/outbox-relay.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { createAddresses } from './addresses.ts';
import { createCommTokens } from './comm-tokens.ts';
import { type CustomerConfig, customer } from './config.ts';
import { createCustomers } from './customers.ts';
import { createErasures } from './erasure.ts';
import { keepsProfiles } from './events.ts';
import { keepRetention } from './retention.ts';
import { registerOwnRoutes, registerRightsRoutes } from './routes.ts';

export const service = defineService(customer, setUp);

async function setUp(config: Static<typeof CustomerConfig>, context: ServiceContext): Promise<ServiceParts> {
  const { app, clock, log, random, metrics } = context;
  const { registry } = metrics;
  const database = await openDatabase(config, context, customer.schema);
  const bus = await openBus(config, context, customer.name);
  const relay = createOutboxRelay({ database, bus, schema: customer.schema, clock, log, registry });
  const event = createEventMaker({ clock, random });
  const told = relay.wake;
  const customers = createCustomers({ database, event, told });
  const parts = {
    customers,
    addresses: createAddresses({ database, clock, random }),
    tokens: createCommTokens({ database, clock, random }),
    erasures: createErasures({ database, event, clock, random, told }),
    database,
    requireRole: openAccess(config, context),
    told,
  };
  registerOwnRoutes(app, parts);
  registerRightsRoutes(app, parts);
  const stopping = new AbortController();
  let retention = Promise.resolve();
  return {
    ready: { postgres: database.assertAnswers, bus: bus.assertAnswers },
    start() {
      relay.start();
      bus.subscribe(keepsProfiles({ database, customers, told }));
      const days = { tokens: config.TOKEN_RETENTION_DAYS, erasureRecords: config.ERASURE_RECORD_DAYS };
      retention = keepRetention({ database, clock, log }, days, stopping.signal);
    },
    beginDrain() {
      stopping.abort();
      void bus.drain();
    },
    async close() {
      stopping.abort();
      await retention;
      await relay.stop();
      await bus.close();
      await database.close();
    },
  };
}
