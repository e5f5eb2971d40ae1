import { isDeepStrictEqual } from 'node:util';
import type { Failure, Service, TaskDefinition } from '@aws-sdk/client-ecs';
import type { RequestContext } from '../../wire/service.ts';
import type { Place } from '../engine/context.ts';
import { shiftsTraffic } from '../engine/decide-lifecycle.ts';
import { hasEnded, setStatus, startServiceDeployment } from '../engine/deployments.ts';
import { ecsArn, lastPart, newRevisionId } from '../engine/identifiers.ts';
import { chooseTargetGroups } from '../engine/service-traffic.ts';
import type { RevisionRecord, ScopeRecord, ServiceRecord, ServiceSettings } from '../engine/state.ts';
import {
  type EcsApi,
  type EcsHandlers,
  enter,
  findService,
  invalid,
  requireActiveService,
  requireCluster,
  requireTaskDefinition,
} from './entry.ts';
import { page } from './pages.ts';
import {
  assertController,
  assertRevision,
  assertServiceSettings,
  mergeRevisionSettings,
  mergeServiceSettings,
} from './service-settings.ts';
import { serviceView } from './service-view.ts';
import { setTags, tagsOf } from './tags.ts';

type ServiceOperations =
  | 'CreateService'
  | 'UpdateService'
  | 'DeleteService'
  | 'DescribeServices'
  | 'ListServices';

const NAME = /^[a-zA-Z0-9_-]{1,255}$/;
const MOST_DESCRIBED = 10;
const MOST_DEPLOYMENTS = 5;

/** CreateService, UpdateService, DeleteService, DescribeServices, ListServices. */
export function serviceHandlers(api: EcsApi): Pick<EcsHandlers, ServiceOperations> {
  return {
    async CreateService(input, context) {
      const scope = enter(api, context);
      const place = requireCluster(scope, input.cluster);
      const name = input.serviceName ?? '';
      if (!NAME.test(name)) throw invalid('Service name contains invalid characters.');
      assertController(input.deploymentController?.type);
      const definition = requireTaskDefinition(scope, input.taskDefinition);
      const settings = mergeServiceSettings(undefined, input);
      if (input.desiredCount === undefined) throw invalid('Desired count must be specified.');
      assertServiceSettings(settings);
      const capacityProviderStrategy = strategyOf(input, place);
      const hasProviders = (capacityProviderStrategy ?? []).length > 0;
      const launchType = input.launchType ?? (hasProviders ? undefined : defaultLaunchType(definition));
      const plan = {
        settings: mergeRevisionSettings({}, { ...input, capacityProviderStrategy }, true),
        launchType,
      };
      assertRevision(definition, plan, settings.deploymentConfiguration, api.engine.context);
      const digests = await resolveDigests(api, context, definition);

      // From here on nothing waits, so what is checked still holds when it is written.
      enter(api, context);
      const existing = findService(place, name);
      const repeated = existing && assertNameFree(existing, input.clientToken);
      if (repeated !== undefined) return { service: describe(place, repeated) };
      const service = newService(api, place, name, settings, context);
      service.clientToken = input.clientToken;
      const revision = newRevision(api, place, service, definition, { ...plan, digests });
      place.cluster.services[name] = service;
      setTags(scope, service.arn, input.tags);
      startServiceDeployment(
        api.engine.context,
        { scope, clusterName: place.cluster.name },
        service,
        revision,
      );
      api.engine.touch(place, service);
      return { service: describe(place, service) };
    },

    async UpdateService(input, context) {
      const scope = enter(api, context);
      const place = requireCluster(scope, input.cluster);
      const service = requireActiveService(place, input.service);
      assertController(input.deploymentController?.type);
      const { taskDefinition: reference } = input;
      const wanted = reference === undefined ? undefined : requireTaskDefinition(scope, reference);
      const digests = await resolveDigests(api, context, wanted ?? primaryDefinition(place, service));

      enter(api, context);
      requireActiveService(place, input.service);
      const settings = mergeServiceSettings(service.settings, input);
      assertServiceSettings(settings);
      const current = primaryRevision(service);
      const definition = wanted ?? primaryDefinition(place, service);
      const isForced = input.forceNewDeployment ?? false;
      const plan = {
        settings: mergeRevisionSettings(current.settings, input, isForced),
        launchType: current.launchType,
      };
      const isChanged =
        definition.taskDefinitionArn !== current.taskDefinitionArn ||
        !isDeepStrictEqual(plan.settings, current.settings);
      const startsDeployment = isForced || isChanged;
      if (startsDeployment) {
        assertRevision(definition, plan, settings.deploymentConfiguration, api.engine.context);
        assertRoomForDeployment(service);
      }
      service.settings = settings;
      if (startsDeployment) {
        const revision = newRevision(api, place, service, definition, { ...plan, digests });
        startServiceDeployment(
          api.engine.context,
          { scope, clusterName: place.cluster.name },
          service,
          revision,
        );
      }
      api.engine.touch(place, service);
      return { service: describe(place, service) };
    },

    DeleteService(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      const service = requireActiveService(place, input.service);
      if (service.settings.desiredCount > 0 && !input.force) {
        throw invalid('The service cannot be stopped while it is scaled above 0.');
      }
      const { now } = api.engine.context.state;
      service.settings = { ...service.settings, desiredCount: 0 };
      service.status = 'DRAINING';
      service.statusSince = now;
      for (const deployment of service.serviceDeployments) {
        if (!hasEnded(deployment)) setStatus(deployment, 'STOPPED', now, 'The service was deleted.');
      }
      api.engine.touch(place, service);
      return { service: describe(place, service) };
    },

    DescribeServices(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      const references = input.services ?? [];
      if (references.length === 0) throw invalid('Services cannot be empty.');
      if (references.length > MOST_DESCRIBED) {
        throw invalid(`service names can have at most ${MOST_DESCRIBED} items.`);
      }
      const withTags = input.include?.includes('TAGS') ?? false;
      const services: Service[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const service = findService(place, reference);
        if (service === undefined) failures.push({ arn: arnOf(place, reference), reason: 'MISSING' });
        else services.push(withTags ? describe(place, service) : serviceView(place, service));
      }
      return { services, failures };
    },

    ListServices(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      const { launchType, schedulingStrategy = 'REPLICA' } = input;
      const arns = Object.values(place.cluster.services).flatMap((service) => {
        const isMeant =
          service.status === 'ACTIVE' &&
          service.settings.schedulingStrategy === schedulingStrategy &&
          (launchType === undefined || primaryRevision(service).launchType === launchType);
        return isMeant ? [service.arn] : [];
      });
      const { items, ...next } = page(arns.sort(), (arn) => arn, { maxResults: 10, ...input });
      return { serviceArns: items, ...next };
    },
  };
}

function describe(place: Place, service: ServiceRecord): Service {
  return { ...serviceView(place, service), tags: tagsOf(place.scope, service.arn) };
}

function arnOf({ scope, cluster }: Place, reference: string): string {
  if (reference.startsWith('arn:')) return reference;
  return ecsArn(scope, `service/${cluster.name}/${lastPart(reference)}`);
}

/** Gives the existing service if the request is the one that made it, repeated; refuses any other reuse. */
function assertNameFree(service: ServiceRecord, clientToken: string | undefined): ServiceRecord | undefined {
  if (service.status === 'INACTIVE') return undefined;
  if (service.status === 'DRAINING') throw invalid('Unable to Start a service that is still Draining.');
  if (clientToken !== undefined && clientToken === service.clientToken) return service;
  throw invalid('Creation of service was not idempotent.');
}

function assertRoomForDeployment(service: ServiceRecord): void {
  if (service.deployments.length < MOST_DEPLOYMENTS) return;
  throw invalid(`${MOST_DEPLOYMENTS} active deployments exist, unable to create new deployment.`);
}

function primaryRevision(service: ServiceRecord): RevisionRecord {
  const primary = service.deployments[0];
  const revision = primary && service.revisions[primary.revisionArn];
  if (revision === undefined) throw new Error(`Service ${service.arn} has no primary deployment.`);
  return revision;
}

/** The primary's own task definition; it stays usable for the service even when deregistered. */
function primaryDefinition({ scope }: Place, service: ServiceRecord): TaskDefinition {
  const name = lastPart(primaryRevision(service).taskDefinitionArn);
  const colon = name.lastIndexOf(':');
  return scope.families[name.slice(0, colon)]?.[Number(name.slice(colon + 1)) - 1] ?? {};
}

/** A service that says neither launch type nor strategy keeps the strategy that is its cluster's default now. */
function strategyOf(
  { launchType, capacityProviderStrategy }: Pick<Service, 'launchType' | 'capacityProviderStrategy'>,
  { cluster }: Place,
): Service['capacityProviderStrategy'] {
  return capacityProviderStrategy ?? (launchType === undefined ? cluster.defaultStrategy : undefined);
}

function defaultLaunchType(definition: TaskDefinition): 'EC2' | 'FARGATE' {
  return definition.requiresCompatibilities?.includes('FARGATE') ? 'FARGATE' : 'EC2';
}

/** Tags become digests once per service revision, unless a container's version consistency is switched off. */
async function resolveDigests(
  { images }: EcsApi,
  { accountId, region }: RequestContext,
  definition: TaskDefinition,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const { name = '', image = '', versionConsistency } of definition.containerDefinitions ?? []) {
    if (versionConsistency === 'disabled') continue;
    const digest = image.split('@')[1] ?? (await images.resolve(image, accountId, region));
    if (digest !== undefined) digests[name] = digest;
  }
  return digests;
}

function newService(
  api: EcsApi,
  { scope, cluster }: { scope: ScopeRecord; cluster: Place['cluster'] },
  name: string,
  settings: ServiceSettings,
  context: RequestContext,
): ServiceRecord {
  const { now } = api.engine.context.state;
  return {
    name,
    arn: ecsArn(scope, `service/${cluster.name}/${name}`),
    createdAt: now,
    createdBy: context.roleArn ?? `arn:aws:iam::${scope.accountId}:root`,
    statusSince: now,
    status: 'ACTIVE',
    settings,
    revisions: {},
    deployments: [],
    serviceDeployments: [],
    lastCompleted: undefined,
    production: undefined,
    events: [],
    liveTaskIds: [],
    steadyToldAt: undefined,
    clientToken: undefined,
  };
}

function newRevision(
  api: EcsApi,
  { scope, cluster }: Place,
  service: ServiceRecord,
  definition: TaskDefinition,
  plan: Pick<RevisionRecord, 'settings' | 'launchType' | 'digests'>,
): RevisionRecord {
  const { random, state } = api.engine.context;
  return {
    arn: ecsArn(scope, `service-revision/${cluster.name}/${service.name}/${newRevisionId(random)}`),
    createdAt: state.now,
    taskDefinitionArn: definition.taskDefinitionArn ?? '',
    targetGroups: chooseTargetGroups(
      plan.settings,
      service.production && service.revisions[service.production.revisionArn],
      shiftsTraffic(service.settings.deploymentConfiguration),
    ),
    ...plan,
  };
}
