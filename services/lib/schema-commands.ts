import type { Environment } from './config.ts';
import { runMigrations } from './migrate-command.ts';
import { runReplay } from './replay-command.ts';
import type { ServiceDeps, ServiceDescription } from './service.ts';

type CommandDeps = Omit<ServiceDeps, 'random'>;

/** What `main.ts` does to the schemas of a service as a one-off task, beside serving. */
export interface SchemaCommands {
  /** Brings them to the newest version; gives what was applied. */
  migrate(environment: Environment, deps: CommandDeps): Promise<string[]>;
  /** Has every event told since the time of `args` published again; gives their number. */
  replay(args: readonly string[], environment: Environment, deps: CommandDeps): Promise<number>;
}

/** The commands of a service with one schema. */
export function schemaCommandsOf(description: ServiceDescription): SchemaCommands {
  return {
    migrate: (environment, deps) => runMigrations(description, environment, deps),
    replay: (args, environment, deps) => runReplay(description, args, environment, deps),
  };
}
