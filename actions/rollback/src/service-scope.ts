import type { UpdateServiceCommandInput } from '@aws-sdk/client-ecs';

/** What of a service goes back beside its task definition, in the words of UpdateService. */
export type ServiceScope = Pick<
  UpdateServiceCommandInput,
  | 'networkConfiguration'
  | 'loadBalancers'
  | 'capacityProviderStrategy'
  | 'platformVersion'
  | 'serviceConnectConfiguration'
  | 'volumeConfigurations'
  | 'serviceRegistries'
>;

/** What UpdateService takes to have a setting taken away; a network cannot be. */
const NOTHING: ServiceScope = {
  loadBalancers: [],
  capacityProviderStrategy: [],
  serviceConnectConfiguration: { enabled: false },
  volumeConfigurations: [],
  serviceRegistries: [],
};

/**
 * The settings of a service revision that differ from those of now, for UpdateService; what is equal is not sent.
 * A launch type cannot be changed and is left out.
 */
export function scopeOf(
  target: Readonly<Record<string, unknown>>,
  current: Readonly<Record<string, unknown>>,
): ServiceScope {
  const keys = [
    'networkConfiguration',
    'loadBalancers',
    'capacityProviderStrategy',
    'platformVersion',
    'serviceConnectConfiguration',
    'volumeConfigurations',
    'serviceRegistries',
  ] as const;
  const entries = keys.flatMap((key) => {
    if (JSON.stringify(target[key] ?? null) === JSON.stringify(current[key] ?? null)) return [];
    const value = target[key] ?? NOTHING[key];
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries) as ServiceScope;
}
