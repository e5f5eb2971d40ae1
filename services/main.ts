/**
 * The only entry point: `SERVICE=<name> node main.ts` runs that service until SIGTERM or SIGINT, `SERVICE=all` those
 * that answer HTTP as one;
 * `… main.ts health` asks the one that runs beside it and exits with 0 or 1 (the container health check);
 * `… main.ts migrate` and `… main.ts replay --since <time>` are one-off tasks on its schema.
 *
 * Exit codes: 0 after an orderly shutdown; 1 for a fault, a second signal or a shutdown that took too long.
 */
import { systemClock } from './lib/clock.ts';
import { ConfigError, type Environment, readConfig } from './lib/config.ts';
import { serveUntil } from './lib/lifecycle.ts';
import { createLog } from './lib/log.ts';
import { isHealthy } from './lib/probe.ts';
import type { SchemaCommands } from './lib/schema-commands.ts';
import type { ServiceDeps, ServiceDescription, StartableService } from './lib/service.ts';

interface Entry {
  description: ServiceDescription;
  load: () => Promise<{ name: string; configure(environment: Environment): StartableService }>;
  /** Only where there is a schema, so that an image without one holds no driver. */
  commands?: () => Promise<SchemaCommands>;
}

const serviceNames = [
  'gateway',
  'identity',
  'order',
  'driver',
  'dispatch',
  'notification',
  'tracking',
  'customer',
  'email-api',
  'email-consumer',
];

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
  throw new ConfigError([
    `SERVICE is ${process.env.SERVICE ?? 'missing'}; write ${serviceNames.join(', ')} or all.`,
  ]);
}

async function run(): Promise<void> {
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
    stop.abort();
    const timeoutMs = configured?.settings.SHUTDOWN_TIMEOUT_MS;
    setTimeout(giveUp, timeoutMs, undefined, 'shutdown took too long').unref();
  };
  // Before anything else: as process 1 of a container, Node ignores a signal that has no listener.
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  try {
    const [command] = process.argv.slice(2);
    // A one-off task that is mistyped would else serve, and never end.
    if (command !== undefined)
      throw new ConfigError([
        `There is no command ${command}; write migrate, replay, health or, to serve, nothing.`,
      ]);
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

async function reportHealth(): Promise<void> {
  const { config, portVariable } = (await findEntry()).description;
  const port = (readConfig(config, process.env) as Record<string, unknown>)[portVariable];
  process.exit((await isHealthy(Number(port))) ? 0 : 1);
}

/** Runs a command on the service's schemas, logs what it did and ends the process. */
async function runCommand(
  name: string,
  command: (commands: SchemaCommands, deps: Omit<ServiceDeps, 'random'>) => Promise<object>,
): Promise<void> {
  const log = createLog({ service: process.env.SERVICE ?? 'unknown', version: name }, 'info');
  try {
    const { description, commands } = await findEntry();
    if (!commands)
      throw new ConfigError([`${description.name} has no database, so there is nothing to ${name}.`]);
    log.info(await command(await commands(), { clock: systemClock, log, aws: {} }), `${name} is done`);
    process.exit(0);
  } catch (error) {
    if (error instanceof ConfigError) log.fatal(error.message);
    else log.fatal({ err: error }, `${name} failed; the schema is as it was`);
    process.exit(1);
  }
}

function runMigrate(): Promise<void> {
  return runCommand('migrate', async (commands, deps) => ({
    applied: await commands.migrate(process.env, deps),
  }));
}

function runReplay(): Promise<void> {
  return runCommand('replay', async (commands, deps) => ({
    events: await commands.replay(process.argv.slice(3), process.env, deps),
  }));
}

if (process.argv[2] === 'health') void reportHealth();
else if (process.argv[2] === 'migrate') void runMigrate();
else if (process.argv[2] === 'replay') void runReplay();
else void run();
