import { Registry } from 'prom-client';
import { Type } from 'typebox';
import { databaseSettings, readDatabaseAccess } from './backing.ts';
import { commonSettings, type Environment, readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { createDatabase } from './database.ts';
import { tellAgain } from './outbox.ts';
import type { ServiceDeps, ServiceDescription } from './service.ts';

const ReplayConfig = Type.Object({ ...databaseSettings, ...commonSettings });

/**
 * Runs `main.ts replay --since <time>`: has the events told since then published again by the relay of the running
 * service, for consumers whose state or stream was lost; gives their number. Whoever has had an event before knows it by
 * its id, so a replay from too early a time does no harm. Published events are kept for seven days.
 */
export async function runReplay(
  description: ServiceDescription,
  args: readonly string[],
  environment: Environment,
  deps: Omit<ServiceDeps, 'random'>,
): Promise<number> {
  const { name, schema } = description;
  if (schema === undefined) throw new ConfigError([`${name} has no database, so it has told no events.`]);
  const since = readSince(args);
  const config = readConfig(ReplayConfig, environment);
  const database = createDatabase({
    access: await readDatabaseAccess(config, deps),
    schema,
    poolSize: 1,
    log: deps.log,
    registry: new Registry(),
  });
  try {
    return (await database.query('outbox_replay', tellAgain(since))).length;
  } finally {
    await database.close();
  }
}

/** Reads the arguments after `replay`. Throws `ConfigError` for anything but one time. */
function readSince(args: readonly string[]): Date {
  const [option, text = '', ...rest] = args;
  const since = new Date(text);
  if (option !== '--since' || rest.length > 0 || Number.isNaN(since.getTime())) {
    throw new ConfigError(['replay needs the time to begin at; write replay --since 2026-11-30T08:00:00Z.']);
  }
  return since;
}
