/** `SERVICE=all`: the services that answer HTTP as one process, the single service of small installations. */
import { customer } from './customer/config.ts';
import { dispatch } from './dispatch/config.ts';
import { driver } from './driver/config.ts';
import { emailApi } from './email-api/config.ts';
import { edge } from './gateway/edge-config.ts';
import { identity } from './identity/config.ts';
import { CompositionConfig, composeServices, environmentOf, type Member } from './lib/composition.ts';
import { type Environment, readConfig } from './lib/config.ts';
import { compositionPort } from './lib/port.ts';
import { type SchemaCommands, schemaCommandsOf } from './lib/schema-commands.ts';
import type { ServiceDescription } from './lib/service.ts';
import { notification } from './notification/config.ts';
import { order } from './order/config.ts';
import { tracking } from './tracking/config.ts';

/** One line a service. Of the gateway only its edge: it need not pass on what this process answers itself. */
export const members: readonly Member[] = [
  { description: identity, load: async () => (await import('./identity/service.ts')).service },
  { description: order, load: async () => (await import('./order/service.ts')).service },
  { description: driver, load: async () => (await import('./driver/service.ts')).service },
  { description: tracking, load: async () => (await import('./tracking/service.ts')).service },
  {
    description: dispatch,
    load: async () => (await import('./dispatch/service.ts')).service,
    onlyWith: 'NOTIFICATION_QUEUE_URL',
  },
  {
    description: notification,
    load: async () => (await import('./notification/service.ts')).service,
    onlyWith: 'NOTIFICATION_TABLE',
  },
  { description: customer, load: async () => (await import('./customer/service.ts')).service },
  {
    description: emailApi,
    load: async () => (await import('./email-api/service.ts')).service,
    onlyWith: 'SSM_TOKEN_PARAMETER',
  },
  { description: edge, load: async () => (await import('./gateway/edge.ts')).service },
];

export const all = {
  name: 'all',
  config: CompositionConfig,
  portVariable: compositionPort.variable,
} as const satisfies ServiceDescription<typeof CompositionConfig>;

/** Loads every member; which of them run is decided by the settings. */
export async function loadAll() {
  return composeServices(members, await Promise.all(members.map(({ load }) => load())), all.name);
}

/** The commands for the schemas of all members, one after the other. */
export const allSchemaCommands: SchemaCommands = {
  async migrate(environment, deps) {
    const applied: string[] = [];
    for (const { name, commands, own } of schemasOf(environment)) {
      const files = await commands.migrate(own, deps);
      applied.push(...files.map((file) => `${name}/${file}`));
    }
    return applied;
  },
  async replay(args, environment, deps) {
    let count = 0;
    for (const { commands, own } of schemasOf(environment)) count += await commands.replay(args, own, deps);
    return count;
  },
};

/**
 * The members that have a schema, each with its own settings beside those of the process. Those left out too: whoever
 * migrates need not have their settings, and they may run beside this process.
 */
function schemasOf(environment: Environment) {
  const { PORT } = readConfig(CompositionConfig, environment);
  return members
    .filter(({ description }) => description.schema !== undefined)
    .map((member) => ({
      name: member.description.name,
      commands: schemaCommandsOf(member.description),
      own: { ...environment, ...environmentOf(member, environment, [], PORT) },
    }));
}
