import { Type } from 'typebox';
import { commonSettings, type Environment, readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { hostServices } from './host.ts';
import { compositionPort } from './port.ts';
import type { Service, ServiceDescription, StartableService } from './service.ts';

/** A service that may run together with others. */
export interface Member {
  readonly description: ServiceDescription;
  readonly load: () => Promise<Service>;
  /** A setting of its own without which it is left out; a member without this is always there. */
  readonly onlyWith?: string;
}

/** The settings of the process; those of its services are beside them. */
export const CompositionConfig = Type.Object({
  PORT: Type.Integer({
    default: compositionPort.default,
    minimum: 1,
    maximum: 65_535,
    description: 'Port to listen on; the services find each other there.',
  }),
  ...commonSettings,
});

/** The members whose settings are there. */
export function presentMembers(members: readonly Member[], environment: Environment): Member[] {
  return members.filter(({ description, onlyWith }) => {
    if (onlyWith === undefined) return true;
    return Boolean(environment[onlyWith] || environment[prefixOf(description.name) + onlyWith]);
  });
}

/**
 * Gives one member its settings out of those of all: `ORDER_DATABASE_URL` is order's `DATABASE_URL` alone, a plain
 * `DATABASE_URL` is everybody's, with `{schema}` in it standing for the member's schema. What names a service that is
 * in the same process (`ORDER_URL`, `JWKS_URL`) is the process itself unless it is set.
 */
export function environmentOf(
  { description }: Pick<Member, 'description'>,
  environment: Environment,
  names: readonly string[],
  port: number,
): Environment {
  const { name, config, schema } = description;
  const self = `http://127.0.0.1:${port}`;
  const peers = Object.fromEntries(names.map((peer) => [`${prefixOf(peer)}URL`, self]));
  const defaults: Environment = { PORT: String(port), JWKS_URL: `${self}/.well-known/jwks.json`, ...peers };
  return Object.fromEntries(
    Object.keys(config.properties).map((setting) => {
      const given = environment[prefixOf(name) + setting] || environment[setting] || defaults[setting];
      return [setting, schema === undefined ? given : given?.replaceAll('{schema}', schema)];
    }),
  );
}

/** Runs services as one: one process, one port, the routes of all. Each has its settings by `environmentOf`. */
export function composeServices(members: readonly Member[], services: readonly Service[], name: string) {
  return {
    name,
    /** Throws `ConfigError` with the faults of all of them at once. */
    configure(environment: Environment): StartableService {
      const settings = readConfig(CompositionConfig, environment);
      const present = presentMembers(members, environment);
      assertClear(present);
      // Those left out too: the process answers for all of them, for these with "there is no such route".
      const names = members.map(({ description }) => description.name);
      const configured = collect(present, (member) => {
        const service = services.find((one) => one.name === member.description.name);
        if (!service) throw new Error(`${member.description.name} was not loaded.`);
        return service.configure(environmentOf(member, environment, names, settings.PORT));
      });
      return {
        name,
        settings,
        port: settings.PORT,
        drainDelayMs: Math.max(0, ...configured.map(({ drainDelayMs }) => drainDelayMs)),
        start: (deps) => hostServices({ name, port: settings.PORT, services: configured }, deps),
      };
    },
  };
}

/** Configures each member; a fault that several have is told once, with their names. */
function collect<Result>(members: readonly Member[], configure: (member: Member) => Result): Result[] {
  const results: Result[] = [];
  const faults = new Map<string, string[]>();
  for (const member of members) {
    try {
      results.push(configure(member));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const fault of error.faults)
        faults.set(fault, [...(faults.get(fault) ?? []), member.description.name]);
    }
  }
  if (faults.size === 0) return results;
  throw new ConfigError([...faults].map(([fault, names]) => `${names.join(', ')}: ${fault}`));
}

/** `ORDER_URL` cannot be the `URL` of order and the address of order at once. */
function assertClear(members: readonly Member[]): void {
  const settings = new Set(members.flatMap(({ description }) => Object.keys(description.config.properties)));
  const faults = members.flatMap(({ description: { name, config } }) =>
    Object.keys(config.properties)
      .filter((setting) => settings.has(prefixOf(name) + setting))
      .map(
        (setting) =>
          `${prefixOf(name) + setting} is a setting and also ${setting} of ${name} alone; rename one of them.`,
      ),
  );
  if (faults.length > 0) throw new ConfigError(faults);
}

function prefixOf(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_`;
}
