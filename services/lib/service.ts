import type { Logger } from 'pino';
import type { Static, TObject } from 'typebox';
import type { AwsAccess } from './aws.ts';
import type { Clock } from './clock.ts';
import { type CommonSettings, type Environment, readConfig } from './config.ts';

/** What comes from outside the process; tests give their own. */
export interface ServiceDeps {
  clock: Clock;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  random: () => number;
  log: Logger;
  aws: AwsAccess;
}

export interface RunningService {
  /** Where it listens, such as `http://0.0.0.0:8000`. */
  readonly url: string;
  /** How long it goes on serving between `beginDrain` and `close`, in milliseconds. */
  readonly drainDelayMs: number;
  /** Stops taking work from queues and tells clients to go elsewhere; requests are still answered. */
  beginDrain(): void;
  /** Finishes what is in flight and releases the rest. */
  close(): Promise<void>;
}

/** What is known of a service without loading it. */
export interface ServiceDescription<Schema extends TObject = TObject> {
  readonly name: string;
  readonly config: Schema;
  /** The variable that holds the port of `/health`. */
  readonly portVariable: keyof Schema['properties'] & string;
}

export interface ConfiguredService {
  readonly settings: CommonSettings;
  start(deps: ServiceDeps): Promise<RunningService>;
}

export interface Service {
  readonly name: string;
  /** Checks the environment. Throws `ConfigError` when it is not usable; opens nothing. */
  configure(environment: Environment): ConfiguredService;
}

/** Ties a description and a start function together. `start` gets a checked and typed configuration. */
export function defineService<Schema extends TObject>(
  description: ServiceDescription<Schema>,
  start: (config: Static<Schema> & CommonSettings, deps: ServiceDeps) => Promise<RunningService>,
): Service {
  return {
    name: description.name,
    configure(environment) {
      const config = readConfig(description.config, environment) as Static<Schema> & CommonSettings;
      return { settings: config, start: (deps) => start(config, deps) };
    },
  };
}
