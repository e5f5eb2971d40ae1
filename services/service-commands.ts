/** What is done with a service once it is loaded: it serves, or its schema is worked on. Each ends the process. */
import { systemClock } from './lib/clock.ts';
import type { Environment } from './lib/config.ts';
import { ConfigError } from './lib/config-error.ts';
import { serveUntil } from './lib/lifecycle.ts';
import { createLog } from './lib/log.ts';
import type { SchemaCommands } from './lib/schema-commands.ts';
import type { ServiceDescription, StartableService } from './lib/service.ts';
import { unknownService } from './ports.ts';

interface Entry {
  description: ServiceDescription;
  load: () => Promise<{ name: string; configure(environment: Environment): StartableService }>;
  /** Only where there is a schema, so that an image without one holds no driver. */
  commands?: () => Promise<SchemaCommands>;
}

/**
 * Finds one service without loading the others' packages.
 *
 * The bundler replaces `process.env.SERVICE` by a text, so that an image holds the one service it is for; hence
 * comparisons instead of a table.
 */
async function findEntry(): Promise<Entry> {
  if (process.env.SERVICE === 'all') {
    const { all, loadAll, allSchemaCommands } = await import('./all.ts');
    return { description: all, load: loadAll, commands: async () => allSchemaCommands };
  }
  if (process.env.SERVICE === 'email-api') {
    const { emailApi } = await import('./email-api/config.ts');
    return { description: emailApi, load: async () => (await import('./email-api/service.ts')).service };
  }
  if (process.env.SERVICE === 'email-consumer') {
    const { emailConsumer } = await import('./email-consumer/config.ts');
    return {
      description: emailConsumer,
      load: async () => (await import('./email-consumer/service.ts')).service,
    };
  }
  if (process.env.SERVICE === 'identity') {
    const { identity } = await import('./identity/config.ts');
    return {
      description: identity,
      load: async () => (await import('./identity/service.ts')).service,
      commands: async () => (await import('./lib/schema-commands.ts')).schemaCommandsOf(identity),
    };
  }
  if (process.env.SERVICE === 'order') {
    const { order } = await import('./order/config.ts');
    return {
      description: order,
      load: async () => (await import('./order/service.ts')).service,
      commands: async () => (await import('./lib/schema-commands.ts')).schemaCommandsOf(order),
    };
  }
  if (process.env.SERVICE === 'driver') {
    const { driver } = await import('./driver/config.ts');
    return {
      description: driver,
      load: async () => (await import('./driver/service.ts')).service,
      commands: async () => (await import('./lib/schema-commands.ts')).schemaCommandsOf(driver),
    };
  }
  if (process.env.SERVICE === 'dispatch') {
    const { dispatch } = await import('./dispatch/config.ts');
    return {
      description: dispatch,
      load: async () => (await import('./dispatch/service.ts')).service,
      commands: async () => (await import('./lib/schema-commands.ts')).schemaCommandsOf(dispatch),
    };
  }
  if (process.env.SERVICE === 'tracking') {
    const { tracking } = await import('./tracking/config.ts');
    return {
      description: tracking,
      load: async () => (await import('./tracking/service.ts')).service,
      commands: async () => (await import('./lib/schema-commands.ts')).schemaCommandsOf(tracking),
    };
  }
  if (process.env.SERVICE === 'gateway') {
    const { gateway } = await import('./gateway/config.ts');
    return { description: gateway, load: async () => (await import('./gateway/service.ts')).service };
  }
  if (process.env.SERVICE === 'notification') {
    const { notification } = await import('./notification/config.ts');
    return {
      description: notification,
      load: async () => (await import('./notification/service.ts')).service,
      commands: async () => (await import('./lib/schema-commands.ts')).schemaCommandsOf(notification),
    };
  }
  if (process.env.SERVICE === 'customer') {
    const { customer } = await import('./customer/config.ts');
    return {
      description: customer,
      load: async () => (await import('./customer/service.ts')).service,
      commands: async () => (await import('./lib/schema-commands.ts')).schemaCommandsOf(customer),
    };
  }
  throw unknownService(process.env.SERVICE);
}

/** Runs the service until it is told to stop; `heard` has the signals that came while this file was loaded. */
export async function runService(heard: readonly NodeJS.Signals[]): Promise<void> {
  const stop = new AbortController();
  let log = createLog({ service: process.env.SERVICE ?? 'unknown', version: 'unknown' }, 'info');
  let configured: StartableService | undefined;
  const giveUp = (error: unknown, message: string) => {
    log.fatal({ err: error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => giveUp(error, 'uncaught exception'));
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) giveUp(undefined, `a second ${signal}`);
    log.info({ signal }, 'told to stop');
    // Nothing has begun.
    if (configured === undefined) process.exit(0);
    stop.abort();
    setTimeout(giveUp, configured.settings.SHUTDOWN_TIMEOUT_MS, undefined, 'shutdown took too long').unref();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  for (const signal of heard) onSignal(signal);
  try {
    const service = await (await findEntry()).load();
    configured = service.configure(process.env);
    const { start, settings } = configured;
    log = createLog({ service: service.name, version: settings.SERVICE_VERSION }, settings.LOG_LEVEL);
    const deps = { clock: systemClock, random: Math.random, log, aws: {} };
    await serveUntil(stop.signal, () => start(deps), deps);
    process.exit(0);
  } catch (error) {
    if (error instanceof ConfigError) giveUp(undefined, error.message);
    giveUp(error, 'could not run');
  }
}

/** Runs a one-off task on the service's schemas and logs what it did; `args` is what stands behind its name. */
export async function runCommand(name: string, args: readonly string[]): Promise<void> {
  const log = createLog({ service: process.env.SERVICE ?? 'unknown', version: name }, 'info');
  const deps = { clock: systemClock, log, aws: {} };
  try {
    if (name !== 'migrate' && name !== 'replay')
      throw new ConfigError([
        `There is no command ${name}; write migrate, replay, health or, to serve, nothing.`,
      ]);
    const { description, commands } = await findEntry();
    if (!commands)
      throw new ConfigError([`${description.name} has no database, so there is nothing to ${name}.`]);
    const schemas = await commands();
    const done =
      name === 'migrate'
        ? { applied: await schemas.migrate(process.env, deps) }
        : { events: await schemas.replay(args, process.env, deps) };
    log.info(done, `${name} is done`);
    process.exit(0);
  } catch (error) {
    if (error instanceof ConfigError) log.fatal(error.message);
    else log.fatal({ err: error }, `${name} failed; the schema is as it was`);
    process.exit(1);
  }
}
