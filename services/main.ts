/**
 * The only entry point: `SERVICE=<name> node main.ts` runs that service until SIGTERM or SIGINT, `SERVICE=all` those
 * that answer HTTP as one;
 * `… main.ts health` asks the one that runs beside it and exits with 0 or 1 (the container health check);
 * `… main.ts migrate` and `… main.ts replay --since <time>` are one-off tasks on its schema.
 *
 * Exit codes: 0 after an orderly shutdown; 1 for a fault, a second signal or a shutdown that took too long.
 *
 * `health` is asked every few seconds of every container, so the service is loaded for the others only.
 */
import { ConfigError } from './lib/config-error.ts';
import { readPort } from './lib/port.ts';
import { isHealthy } from './lib/probe.ts';
import { findPort } from './ports.ts';

async function reportHealth(): Promise<void> {
  try {
    const port = readPort(findPort(process.env.SERVICE), process.env);
    process.exit((await isHealthy(port)) ? 0 : 1);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

async function serve(): Promise<void> {
  const heard: NodeJS.Signals[] = [];
  const hear = (signal: NodeJS.Signals) => heard.push(signal);
  // Before anything else: as process 1 of a container, Node ignores a signal that has no listener.
  process.on('SIGTERM', hear).on('SIGINT', hear);
  const { runService } = await import('./service-commands.ts');
  await runService(heard);
}

async function runTask(name: string, args: readonly string[]): Promise<void> {
  const { runCommand } = await import('./service-commands.ts');
  await runCommand(name, args);
}

const [command, ...args] = process.argv.slice(2);
if (command === undefined) void serve();
else if (command === 'health') void reportHealth();
else void runTask(command, args);
