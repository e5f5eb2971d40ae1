/** `SERVICE=all`: the services that answer HTTP as one process, the single service of small installations. */
import { customer } from './customer/config.ts';
import { dispatch } from './dispatch/config.ts';
import { driver } from './driver/config.ts';
import { emailApi } from './email-api/config.ts';
import { edge } from './gateway/edge-config.ts';
import { identity } from './identity/config.ts';
import { CompositionConfig, composeServices, environmentOf, type Member } from './lib/composition.ts';
import { type Environment, readConfig } from './lib/config.ts';
import { runMigrations } from './lib/migrate-command.ts';
import type { ServiceDeps, ServiceDescription } from './lib/service.ts';
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
  portVariable: 'PORT',
} as const satisfies ServiceDescription<typeof CompositionConfig>;

/** Loads every member; which of them run is decided by the settings. */
export async function loadAll() {
  return composeServices(members, await Promise.all(members.map(({ load }) => load())), all.name);
}

/**
 * Brings the schemas of all members to the newest version, one after the other; gives what was applied. Of those left
 * out too: whoever migrates need not have their settings, and they may run beside this process.
 */
export async function migrateAll(
  environment: Environment,
  deps: Omit<ServiceDeps, 'random'>,
): Promise<string[]> {
  const { PORT } = readConfig(CompositionConfig, environment);
  const applied: string[] = [];
  for (const member of members) {
    const { name, schema } = member.description;
    if (schema === undefined) continue;
    const own = environmentOf(member, environment, [], PORT);
    const files = await runMigrations(member.description, { ...environment, ...own }, deps);
    applied.push(...files.map((file) => `${name}/${file}`));
  }
  return applied;
}
