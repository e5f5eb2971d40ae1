import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as iamClient from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { SCALING_REFUSALS } from './autoscaling/api/constraints.ts';
import type { RegistryGuard } from './ecr/oci/guard.ts';
import { ELBV2_XML_NAMESPACE } from './elbv2/elbv2.ts';
import { AwsFault } from './fault.ts';
import { faultsRoom } from './faults/admin.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { answerWithFaults, type FaultEdge } from './faults/with-faults.ts';
import type { AdminRoom, AroundBackend } from './gateway/gateway.ts';
import type { OwnService } from './gateway/route.ts';
import type { Authorize } from './iam/authorize.ts';
import { type CallLog, createCallLog } from './iam/call-log.ts';
import { callsRoom } from './iam/calls-room.ts';
import { assertBackendCall, type Checked, enforceIam } from './iam/enforce.ts';
import type { RolePolicies } from './iam/role-policies.ts';
import { IAM_NAMESPACE } from './iam/simulate.ts';
import { withReadLag } from './limits/read-lag.ts';
import {
  ECS_NOT_CARRIED_OUT,
  ELBV2_NOT_CARRIED_OUT,
  IAM_NOT_CARRIED_OUT,
  STS_NOT_CARRIED_OUT,
} from './not-carried-out.ts';
import { createSeededRandom } from './seeded-random.ts';
import { withEdge } from './service-edge.ts';
import type { CredentialStore } from './sts/credentials.ts';
import type { IamRecords } from './sts/iam-records.ts';
import { sessionArn } from './sts/role-session.ts';
import { STS_NAMESPACE } from './sts/sts.ts';
import { jsonService } from './wire/json.ts';
import { queryService } from './wire/query.ts';
import type { AwsService, ServiceOptions } from './wire/service.ts';

/** How close to AWS the services are in what is not their own work. */
export type Strictness = {
  /** Whether calls of roles are checked against their policies; off by default. */
  enforceIam?: boolean;
  /** Whether ECS's API rate buckets count; off by default. */
  apiBuckets?: boolean;
  /** How long reads of a service do not see a write, in milliseconds; 0 by default. */
  readLagMs?: number;
};

export type OwnServicesOptions = Strictness &
  ServiceOptions & {
    handlers: Checked;
    credentials: CredentialStore;
    iam: IamRecords;
    policies: RolePolicies;
    sleep: (ms: number) => Promise<unknown>;
  };

export type OwnServices = {
  services: Readonly<Record<OwnService, AwsService>>;
  aroundBackend: AroundBackend;
  /** For the registry that Docker talks to: IAM's sentence where a caller may not. */
  mayUseRegistry: RegistryGuard;
  admin: { faults: AdminRoom; calls: AdminRoom };
  faults: Faults;
  calls: CallLog;
};

/**
 * Puts the operations of the services on the wire, with IAM, lagging reads, rate buckets, faults and the call
 * log before them. Faults and call log stand before the back end too.
 */
export function createOwnServices(options: OwnServicesOptions): OwnServices {
  const { credentials, iam, policies, onBug, sleep, readLagMs = 0, apiBuckets } = options;
  const faults = createFaults(createSeededRandom);
  const calls = createCallLog((accessKeyId) => {
    const session = credentials.lookup(accessKeyId);
    return session && sessionArn(session);
  });
  const lag = { lagMs: readLagMs, isOn: () => readLagMs > 0 || faults.hasStale() };
  const lagging = { ...options.handlers, ecs: withReadLag(options.handlers.ecs, lag) };
  const guarded = options.enforceIam ? enforceIam(lagging, { credentials, iam, policies }) : undefined;
  const handlers = guarded?.handlers ?? lagging;
  const services: Record<OwnService, AwsService> = {
    ecs: jsonService(ecs, handlers.ecs, { onBug, notCarriedOut: ECS_NOT_CARRIED_OUT }),
    ecr: jsonService(ecr, handlers.ecr, { onBug }),
    elasticloadbalancing: queryService(elb, ELBV2_XML_NAMESPACE, handlers.elasticloadbalancing, {
      onBug,
      notCarriedOut: ELBV2_NOT_CARRIED_OUT,
    }),
    sts: queryService(sts, STS_NAMESPACE, handlers.sts, { onBug, notCarriedOut: STS_NOT_CARRIED_OUT }),
    iam: queryService(iamClient, IAM_NAMESPACE, handlers.iam ?? {}, {
      onBug,
      notCarriedOut: IAM_NOT_CARRIED_OUT,
    }),
    'application-autoscaling': jsonService(scaling, handlers['application-autoscaling'] ?? {}, {
      onBug,
      ...SCALING_REFUSALS,
    }),
  };
  const edge = { faults: { faults, sleep }, apiBuckets, calls };
  const edged = (name: OwnService) => withEdge(name, services[name], edge);
  return {
    services: {
      ecs: edged('ecs'),
      ecr: edged('ecr'),
      elasticloadbalancing: edged('elasticloadbalancing'),
      sts: edged('sts'),
      iam: edged('iam'),
      'application-autoscaling': edged('application-autoscaling'),
    },
    aroundBackend: aroundBackend({ edge: edge.faults, calls, policies, authorize: guarded?.authorize }),
    mayUseRegistry: async (caller, { action, repositoryArn }) =>
      guarded?.authorize([{ action, resources: [repositoryArn] }], caller),
    admin: { faults: faultsRoom(faults), calls: callsRoom(calls) },
    faults,
    calls,
  };
}

/** Faults, the call log and IAM before the back end; what is done to IAM there makes policies be read anew. */
function aroundBackend(parts: {
  edge: FaultEdge;
  calls: CallLog;
  policies: Pick<RolePolicies, 'forget'>;
  /** Absent while nobody's calls are checked. */
  authorize: Authorize | undefined;
}): AroundBackend {
  const { edge, calls, policies, authorize } = parts;
  return async (asked, run) => {
    const { context, body: _body, ...call } = asked;
    const { service, operation } = call;
    let status = 0;
    let errorCode: string | undefined;
    try {
      const own = await answerWithFaults(edge, { ...call, now: context.now }, async ({ losesAnswer }) => {
        if (authorize) await assertBackendCall(authorize, asked);
        status = await run(losesAnswer);
        return undefined;
      });
      if (own) status = own.status;
      return own;
    } catch (error) {
      status = error instanceof AwsFault ? error.status : 0;
      errorCode = error instanceof AwsFault ? error.code : undefined;
      throw error;
    } finally {
      calls.record({ service, operation, status, ...(errorCode !== undefined && { errorCode }) }, context);
      if (service === 'iam') policies.forget();
    }
  };
}
