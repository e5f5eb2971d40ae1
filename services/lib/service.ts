import type { Logger } from 'pino';
import type { Static, TObject } from 'typebox';
import type { App } from './app.ts';
import type { AwsAccess } from './aws.ts';
import type { Clock } from './clock.ts';
import { type CommonSettings, type Environment, readConfig } from './config.ts';
import { hostServices } from './host.ts';
import type { Metrics } from './metrics.ts';
import type { WatchLine } from './shedding.ts';
import type { Tracer } from './trace.ts';

/** What comes from outside the process; tests give their own. */
export interface ServiceDeps {
  clock: Clock;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  random: () => number;
  log: Logger;
  aws: AwsAccess;
}

/** What one service is given to put itself together with. */
export interface ServiceContext extends ServiceDeps {
  /** A scope of its own in the process's HTTP application: its hooks and decorators are seen by its routes only. */
  app: App;
  metrics: Metrics;
  tracer: Tracer;
  /** Has a line in which requests of this service wait count for the shedding of load. */
  watchLine: WatchLine;
  /** Aborts once the requests in flight have been answered. Before that, `beginDrain` is called. */
  stopped: AbortSignal;
}

/** One service, put together and idle. */
export interface ServiceParts {
  /** Throws when only a restart helps; must ask no dependency. */
  alive?(): void;
  /** Dependencies by name; each throws, or rejects, while its dependency does not answer. */
  ready?: Readonly<Record<string, () => void | Promise<void>>>;
  /** Begins work that no request asks for; called once the process listens. */
  start?(): void;
  /** Stops taking such work; requests are still answered. */
  beginDrain?(): void;
  /** Finishes what is in flight and releases the rest; called when no request is in flight any more. */
  close?(): Promise<void>;
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
  /** The PostgreSQL schema it owns, and its role's name; its files are in `<name>/migrations`. */
  readonly schema?: string;
  /** It has WebSocket routes. */
  readonly sockets?: boolean;
  /** What its OpenAPI document says of it beside its routes. */
  readonly about?: string;
}

/** What the settings of a process have become: a service, or several as one. */
export interface StartableService {
  readonly name: string;
  readonly settings: CommonSettings;
  readonly port: number;
  /** Milliseconds between SIGTERM and the end of serving; 0 where no load balancer sends anything. */
  readonly drainDelayMs: number;
  /** Runs it in its own HTTP application. */
  start(deps: ServiceDeps): Promise<RunningService>;
}

export interface ConfiguredService extends StartableService {
  readonly about: string | undefined;
  /** It has WebSocket routes. */
  readonly sockets: boolean;
  /** Puts the service together inside a process that may hold others too. */
  setUp(context: ServiceContext): Promise<ServiceParts>;
  /**
   * Sets up what stands before the routes of every service of the process, but not before `/health` and its like: the
   * scope in `context` is the one around those of all services. Called before any `setUp`.
   */
  setUpFront?(context: ServiceContext): Promise<ServiceParts>;
}

export interface Service {
  readonly name: string;
  /** Checks the environment. Throws `ConfigError` when it is not usable; opens nothing. */
  configure(environment: Environment): ConfiguredService;
}

type SetUp<Schema extends TObject> = (
  config: Static<Schema> & CommonSettings,
  context: ServiceContext,
) => Promise<ServiceParts>;

/** Ties a description and its set-up together. `setUp` and `setUpFront` get a checked and typed configuration. */
export function defineService<Schema extends TObject>(
  description: ServiceDescription<Schema>,
  setUp: SetUp<Schema>,
  setUpFront?: SetUp<Schema>,
): Service {
  const { name } = description;
  return {
    name,
    configure(environment) {
      const config = readConfig(description.config, environment) as Static<Schema> & CommonSettings;
      const values = config as Record<string, unknown>;
      const configured: ConfiguredService = {
        name,
        settings: config,
        port: Number(values[description.portVariable]),
        about: description.about,
        drainDelayMs: Number(values.DRAIN_DELAY_MS ?? 0),
        sockets: description.sockets ?? false,
        setUp: (context) => setUp(config, context),
        ...(setUpFront && { setUpFront: (context) => setUpFront(config, context) }),
        start: (deps) => hostServices({ name, port: configured.port, services: [configured] }, deps),
      };
      return configured;
    },
  };
}
