import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { Block } from '../../schema/provider-schema.ts';
import type { Known } from '../row.ts';
import { completed, fromSdk, toSdk } from '../sdk-names.ts';
import { plain, present, type Shape, shape } from '../shape.ts';

const camel = { style: 'camel' } as const;
const inner = ['deployment_circuit_breaker', 'alarms'];

/** Gives a service's deployment configuration, which Terraform spreads over four places. */
export function deploymentConfiguration(value: Known, block: Block): Shape {
  const [written] = isList(value.deployment_configuration) ? value.deployment_configuration : [];
  const configuration = isObject(written) ? written : {};
  const rules = block.block_types.deployment_configuration?.block;
  const sdk = rules ? toSdk(rules, configuration, camel) : {};
  const { lifecycleHook, bakeTimeInMinutes, canaryConfiguration, linearConfiguration, ...rest } = sdk;
  const { deploymentCircuitBreaker, alarms } = toSdk(block, value, camel, inner);
  return present({
    ...rest,
    maximumPercent: value.deployment_maximum_percent,
    minimumHealthyPercent: value.deployment_minimum_healthy_percent,
    deploymentCircuitBreaker,
    alarms,
    bakeTimeInMinutes: numberOf(bakeTimeInMinutes),
    lifecycleHooks: lifecycleHook,
    canaryConfiguration: withNumber(canaryConfiguration, 'canaryBakeTimeInMinutes'),
    linearConfiguration: withNumber(linearConfiguration, 'stepBakeTimeInMinutes'),
  });
}

/** Gives the four places from what AWS answers. */
export function deploymentBlocks(configuration: Shape, block: Block): ObjectValue {
  const rules = block.block_types.deployment_configuration?.block;
  const renamed = { ...configuration, lifecycleHook: configuration.lifecycleHooks };
  const found = rules ? completed(rules, fromSdk(rules, renamed, camel)) : {};
  const breaker = shape(configuration.deploymentCircuitBreaker);
  const alarms = shape(configuration.alarms);
  const hasAlarms = Array.isArray(alarms.alarmNames) && alarms.alarmNames.length > 0;
  return {
    deployment_maximum_percent: plain(configuration.maximumPercent),
    deployment_minimum_healthy_percent: plain(configuration.minimumHealthyPercent),
    deployment_circuit_breaker: [{ enable: breaker.enable === true, rollback: breaker.rollback === true }],
    alarms: hasAlarms ? (fromSdk(block, configuration, camel, ['alarms']).alarms ?? []) : [],
    deployment_configuration: [found],
  };
}

/** Minutes are texts to Terraform, so that a bake of none can be told from one that is not written. */
function numberOf(minutes: unknown): number | undefined {
  return minutes === undefined || minutes === '' ? undefined : Number(minutes);
}

function withNumber(configuration: unknown, name: string): Shape | undefined {
  if (configuration === undefined) return undefined;
  return present({ ...shape(configuration), [name]: numberOf(shape(configuration)[name]) });
}
