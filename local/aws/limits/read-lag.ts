import type { Service, ServiceDeployment, ServiceDeploymentBrief } from '@aws-sdk/client-ecs';
import { AwsFault } from '../fault.ts';
import type { HandlersOf, RequestContext } from '../wire/service.ts';
import { type ServicePlace, serviceOfArn, servicePlace } from './service-place.ts';
import { withTaskLag } from './task-lag.ts';

type Handlers = HandlersOf<typeof import('@aws-sdk/client-ecs')>;

/** What reads of one service showed just before a write. No service: it was not there. */
export type ServiceView = {
  /** When the write came, epoch milliseconds. */
  at: number;
  service: Service | undefined;
  briefs: readonly ServiceDeploymentBrief[];
  deployments: readonly ServiceDeployment[];
};

export type ReadLagOptions = {
  /** How long a write stays unseen, in milliseconds; a request's own `staleMs` counts where it is longer. */
  lagMs: number;
  /** Whether reads may come to be stale at all: only then is anything kept. */
  isOn: () => boolean;
};

/** Views older than this are forgotten, whatever a later request asks for. */
const LONGEST_LAG_MS = 15 * 60_000;
const MOST_DEPLOYMENTS = 20;

/**
 * The view that a read sees which lags behind: that from before the oldest write that is still unseen;
 * `undefined` when every write is. `views` are in the order of their writes.
 */
export function laggingView<View extends { at: number }>(
  views: readonly View[],
  now: number,
  lagMs: number,
): View | undefined {
  return views.find(({ at }) => at > now - lagMs);
}

/**
 * Lets DescribeServices, ListServiceDeployments and DescribeServiceDeployments lag behind the writes to a service, and
 * ListTasks and DescribeTasks behind those to a cluster's tasks, as they may on AWS. Writes themselves, and their
 * answers, are as ever.
 */
export function withReadLag(handlers: Handlers, options: ReadLagOptions): Handlers {
  const lag = createLag(handlers, options);
  const lagging = { ...handlers, ...laggingReads(handlers, lag), ...recordedWrites(handlers, lag) };
  return withTaskLag(lagging, {
    choose: (views, { now, staleMs = 0 }) => laggingView(views, now, Math.max(options.lagMs, staleMs)),
    isOn: options.isOn,
    longestMs: LONGEST_LAG_MS,
  });
}

type Lag = {
  record(place: ServicePlace, context: RequestContext): Promise<void>;
  viewOf(place: ServicePlace, context: RequestContext): ServiceView | undefined;
};

function createLag(handlers: Handlers, { lagMs, isOn }: ReadLagOptions): Lag {
  const views = new Map<string, ServiceView[]>();
  return {
    async record(place, context) {
      if (!isOn()) return;
      const kept = (views.get(place.arn) ?? []).filter(({ at }) => at > context.now - LONGEST_LAG_MS);
      views.set(place.arn, [...kept, await readView(handlers, place, context)]);
    },
    viewOf: (place, { now, staleMs = 0 }) =>
      laggingView(views.get(place.arn) ?? [], now, Math.max(lagMs, staleMs)),
  };
}

async function readView(
  handlers: Handlers,
  { cluster, service }: ServicePlace,
  context: RequestContext,
): Promise<ServiceView> {
  const described = await orNothing(async () =>
    handlers.DescribeServices?.({ cluster, services: [service], include: ['TAGS'] }, context),
  );
  const listed = await orNothing(async () =>
    handlers.ListServiceDeployments?.({ cluster, service }, context),
  );
  const briefs = listed?.serviceDeployments ?? [];
  const arns = briefs.slice(0, MOST_DEPLOYMENTS).map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn);
  const details = arns.length
    ? await handlers.DescribeServiceDeployments?.({ serviceDeploymentArns: arns }, context)
    : undefined;
  const [found] = described?.services ?? [];
  return {
    at: context.now,
    service: found,
    briefs,
    deployments: (details?.serviceDeployments ?? []).map(detached),
  };
}

/** A deployment whose circuit breaker does not go on counting: the only part that is the engine's own. */
function detached(deployment: ServiceDeployment): ServiceDeployment {
  const { deploymentCircuitBreaker: breaker } = deployment;
  return breaker ? { ...deployment, deploymentCircuitBreaker: { ...breaker } } : deployment;
}

/** What cannot be read before a write (no cluster, no service) is not there to be shown either. */
async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AwsFault) return undefined;
    throw error;
  }
}

type Writes =
  | 'CreateService'
  | 'UpdateService'
  | 'DeleteService'
  | 'StopServiceDeployment'
  | 'ContinueServiceDeployment';

function recordedWrites(handlers: Handlers, { record }: Lag): Pick<Handlers, Writes> {
  const { CreateService, UpdateService, DeleteService } = handlers;
  const { StopServiceDeployment, ContinueServiceDeployment } = handlers;
  return {
    ...(CreateService && {
      async CreateService(input, context) {
        await record(servicePlace(input.cluster, input.serviceName, context), context);
        return CreateService(input, context);
      },
    }),
    ...(UpdateService && {
      async UpdateService(input, context) {
        await record(servicePlace(input.cluster, input.service, context), context);
        return UpdateService(input, context);
      },
    }),
    ...(DeleteService && {
      async DeleteService(input, context) {
        await record(servicePlace(input.cluster, input.service, context), context);
        return DeleteService(input, context);
      },
    }),
    ...(StopServiceDeployment && {
      async StopServiceDeployment(input, context) {
        await record(serviceOfArn(input.serviceDeploymentArn), context);
        return StopServiceDeployment(input, context);
      },
    }),
    ...(ContinueServiceDeployment && {
      async ContinueServiceDeployment(input, context) {
        await record(serviceOfArn(input.serviceDeploymentArn), context);
        return ContinueServiceDeployment(input, context);
      },
    }),
  };
}

type Reads = 'DescribeServices' | 'ListServiceDeployments' | 'DescribeServiceDeployments';

function laggingReads(handlers: Handlers, { viewOf }: Lag): Pick<Handlers, Reads> {
  const { DescribeServices, ListServiceDeployments, DescribeServiceDeployments } = handlers;
  return {
    ...(DescribeServices && {
      async DescribeServices(input, context) {
        const { services = [], cluster, include = [] } = input;
        const answer = await DescribeServices(input, context);
        const old = services.map((name) => servicePlace(cluster, name, context));
        for (const place of old) {
          const view = viewOf(place, context);
          if (!view) continue;
          answer.services = (answer.services ?? []).filter(({ serviceArn }) => serviceArn !== place.arn);
          answer.failures = (answer.failures ?? []).filter(({ arn }) => arn !== place.arn);
          if (!view.service) answer.failures.push({ arn: place.arn, reason: 'MISSING' });
          else
            answer.services.push(
              include.includes('TAGS') ? view.service : { ...view.service, tags: undefined },
            );
        }
        return answer;
      },
    }),
    ...(ListServiceDeployments && {
      async ListServiceDeployments(input, context) {
        const view = viewOf(servicePlace(input.cluster, input.service, context), context);
        if (!view) return ListServiceDeployments(input, context);
        if (!view.service) throw new AwsFault('ServiceNotFoundException', 'Service not found.');
        const { status = [], maxResults = 100 } = input;
        const shown = view.briefs.filter(
          (brief) => !status.length || (brief.status && status.includes(brief.status)),
        );
        return { serviceDeployments: shown.slice(0, maxResults) };
      },
    }),
    ...(DescribeServiceDeployments && {
      async DescribeServiceDeployments(input, context) {
        const answer = await DescribeServiceDeployments(input, context);
        for (const arn of input.serviceDeploymentArns ?? []) {
          const view = viewOf(serviceOfArn(arn), context);
          if (!view) continue;
          const old = view.deployments.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
          answer.serviceDeployments = (answer.serviceDeployments ?? []).filter(
            ({ serviceDeploymentArn }) => serviceDeploymentArn !== arn,
          );
          answer.failures = (answer.failures ?? []).filter((failure) => failure.arn !== arn);
          if (old) answer.serviceDeployments.push(old);
          else answer.failures.push({ arn, reason: 'MISSING' });
        }
        return answer;
      },
    }),
  };
}
