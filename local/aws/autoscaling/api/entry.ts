import { ScalableDimension, ServiceNamespace } from '@aws-sdk/client-application-auto-scaling';
import type { Random } from '../../ecs/engine/identifiers.ts';
import { AwsFault } from '../../fault.ts';
import type { HandlersOf, RequestContext } from '../../wire/service.ts';
import type { Scaler } from '../engine/scaler.ts';
import { tryServiceName } from '../engine/service-name.ts';
import type { ScalingScope, TargetRecord } from '../engine/state.ts';
import type { ServiceName } from '../service-counts.ts';
import { assertValid, invalid, mustBeOneOf, mustHaveLength, type Violation } from './constraints.ts';

export type AutoScalingHandlers = HandlersOf<typeof import('@aws-sdk/client-application-auto-scaling')>;

/** What every operation stands on. */
export interface AutoScalingApi {
  readonly scaler: Scaler;
  readonly random: Random;
}

export const ECS_DIMENSION = 'ecs:service:DesiredCount';

/** The members by which operations name a scalable target. */
export type OfTarget = {
  ServiceNamespace?: string | undefined;
  ResourceId?: string | undefined;
  ScalableDimension?: string | undefined;
};

/** Brings scaling up to now and gives the caller's own account and Region. Every operation begins so. */
export function enter({ scaler }: AutoScalingApi, context: RequestContext): ScalingScope {
  scaler.catchUp();
  return scaler.scopeOf(context.accountId, context.region);
}

/** Throws for names that AWS does not know, then for what is not scaled here: only services of ECS are. */
export function assertTargetNames(input: OfTarget, more: readonly Violation[] = []): void {
  assertValid([
    mustBeOneOf('ServiceNamespace', input.ServiceNamespace, ServiceNamespace),
    mustHaveLength('ResourceId', input.ResourceId, { most: 1600 }),
    mustBeOneOf('ScalableDimension', input.ScalableDimension, ScalableDimension),
    ...more,
  ]);
  const { ServiceNamespace: namespace, ScalableDimension: dimension } = input;
  if (dimension !== undefined && !dimension.startsWith(`${namespace}:`)) throw unsupportedNames();
  if (namespace !== 'ecs') {
    throw invalid(
      `The local AWS scales ECS services only, not the service namespace '${namespace}'; use ecs with ${ECS_DIMENSION}.`,
    );
  }
}

/** The service of a resource id, `service/<cluster>/<service>`; throws for one of another form. */
export function serviceOf(scope: ScalingScope, resourceId: string): ServiceName {
  const name = tryServiceName(scope, resourceId);
  if (!name) throw unsupportedNames();
  return name;
}

const unsupportedNames = () => invalid('Unsupported service namespace, resource type or scalable dimension');

/** The target that an operation names; `verb` is what AWS says of a missing one, `found` or `registered`. */
export function requireTarget(
  scope: ScalingScope,
  input: OfTarget,
  verb: 'found' | 'registered',
): TargetRecord {
  const { ResourceId: resourceId = '' } = input;
  serviceOf(scope, resourceId);
  const target = scope.targets[resourceId];
  if (target) return target;
  throw new AwsFault('ObjectNotFoundException', `No scalable target ${verb} for ${renderTarget(input)}`);
}

/** As AWS's errors name a target. */
export function renderTarget({
  ServiceNamespace: namespace,
  ResourceId,
  ScalableDimension: dimension,
}: OfTarget) {
  return `service namespace: ${namespace}, resource ID: ${ResourceId}, scalable dimension: ${dimension}`;
}

/** Throws for a dimension without the resource that it is one of: AWS takes it only with one. */
export function assertResourceForDimension(dimension: string | undefined, hasResource: boolean): void {
  if (dimension === undefined || hasResource) return;
  throw invalid('Resource id must be specified when scalable dimension is specified.');
}
