import type {
  Cluster,
  Container,
  DeploymentConfiguration,
  DeploymentLifecycleHookStage,
  LaunchType,
  ServiceRevision,
  Tag,
  TaskDefinition,
  TaskOverride,
} from '@aws-sdk/client-ecs';
import type { InterruptionCode } from '../runtime/task-runtime.ts';
import type { Target } from '../target-groups.ts';

/**
 * All that the local ECS knows, as plain data. Times are epoch milliseconds on the engine's clock.
 *
 * Records are kept by account and Region (`123456789012/us-east-1`), then cluster name, then name or id.
 */
export interface EcsState {
  now: number;
  /** Number of tasks ever made; gives each its own private address. */
  tasksMade: number;
  scopes: Record<string, ScopeRecord>;
}

/** One account in one Region. */
export interface ScopeRecord {
  accountId: string;
  region: string;
  clusters: Record<string, ClusterRecord>;
  /** By family; the revision is the index plus one. */
  families: Record<string, TaskDefinition[]>;
  /** Tags of clusters, task definitions, services and tasks by ARN. */
  tags: Record<string, Tag[]>;
}

export interface ClusterRecord {
  name: string;
  arn: string;
  status: 'ACTIVE' | 'INACTIVE';
  settings: { name: 'containerInsights'; value: string }[];
  capacityProviders: string[];
  /** These three are kept and given back. */
  defaultStrategy?: Cluster['defaultCapacityProviderStrategy'];
  configuration?: Cluster['configuration'];
  serviceConnectDefaults?: Cluster['serviceConnectDefaults'];
  services: Record<string, ServiceRecord>;
  /** Every task still visible, by id. */
  tasks: Record<string, TaskRecord>;
  /** What RunTask was asked for under a client token, and the ids of the tasks it made. */
  runTokens?: Record<string, { request: string; taskIds: string[] }>;
}

/** What a service is told to be and no part of a service revision: a change here starts no deployment. */
export interface ServiceSettings {
  desiredCount: number;
  deploymentConfiguration: DeploymentConfiguration;
  healthCheckGracePeriodSeconds: number;
  schedulingStrategy: 'REPLICA';
  enableECSManagedTags: boolean;
  enableExecuteCommand: boolean;
  propagateTags: 'NONE' | 'SERVICE' | 'TASK_DEFINITION';
  availabilityZoneRebalancing: 'ENABLED' | 'DISABLED';
  placementConstraints: { type?: 'distinctInstance' | 'memberOf'; expression?: string }[];
  placementStrategy: { type?: 'binpack' | 'random' | 'spread'; field?: string }[];
}

/** The part of a service that a deployment carries out; never changed once made. */
export interface RevisionRecord {
  arn: string;
  createdAt: number;
  taskDefinitionArn: string;
  launchType: LaunchType | undefined;
  /** Container name to the digest its tag had when the revision was made. */
  digests: Record<string, string>;
  /** The target group its tasks are registered with, for each of its load balancers. */
  targetGroups: string[];
  settings: Pick<
    ServiceRevision,
    | 'capacityProviderStrategy'
    | 'platformVersion'
    | 'loadBalancers'
    | 'serviceRegistries'
    | 'networkConfiguration'
    | 'serviceConnectConfiguration'
    | 'volumeConfigurations'
    | 'vpcLatticeConfigurations'
  >;
}

export interface ServiceRecord {
  name: string;
  arn: string;
  createdAt: number;
  createdBy: string;
  /** Since when `status` holds. */
  statusSince: number;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  settings: ServiceSettings;
  revisions: Record<string, RevisionRecord>;
  /** PRIMARY first, then ACTIVE from the newest to the oldest. Empty once the service is deleted. */
  deployments: DeploymentRecord[];
  /** Newest first. */
  serviceDeployments: ServiceDeploymentRecord[];
  /** The deployment a rollback returns to. */
  lastCompleted: { deploymentId: string; revisionArn: string } | undefined;
  /** The deployment whose revision has all production traffic. */
  production: { deploymentId: string; revisionArn: string } | undefined;
  /** Newest first, at most 100. */
  events: { id: string; at: number; message: string }[];
  /** Ids of the tasks that have not STOPPED, oldest first. */
  liveTaskIds: string[];
  /** When the steady state it is in was last told; `undefined` while it is in none. */
  steadyToldAt: number | undefined;
  clientToken: string | undefined;
}

/** One entry of `services[].deployments[]`. */
export interface DeploymentRecord {
  /** `ecs-svc/` and 19 digits. */
  id: string;
  revisionArn: string;
  serviceDeploymentArn: string;
  status: 'PRIMARY' | 'ACTIVE';
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
  createdAt: number;
  updatedAt: number;
  /** When the scheduler begins with it. */
  startsAt: number;
  isRollback: boolean;
  /** Consecutive failures as `Deployment.failedTasks` shows them: zero while a task is running. */
  failedTasks: number;
  /** The circuit breaker's own count. */
  failureCount: number;
  /** How many launches in a row ended without RUNNING; see `backOffMs`. */
  backOffLevel: number;
  launchNotBefore: number;
  /** When the trouble was last told in an event; `undefined` once its cause has cleared. */
  toldImpairedAt: number | undefined;
  toldStuckAt: number | undefined;
  /** Its success is certain: every task of older deployments goes at once. */
  replacesAll: boolean;
}

export type ServiceDeploymentState =
  | 'PENDING'
  | 'IN_PROGRESS'
  | 'STOP_REQUESTED'
  | 'ROLLBACK_REQUESTED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'SUCCESSFUL'
  | 'STOPPED'
  | 'ROLLBACK_SUCCESSFUL'
  | 'ROLLBACK_FAILED';

export interface ServiceDeploymentRecord {
  arn: string;
  status: ServiceDeploymentState;
  statusReason: string | undefined;
  createdAt: number;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  stoppedAt: number | undefined;
  updatedAt: number;
  sourceRevisionArns: string[];
  targetRevisionArn: string;
  deploymentConfiguration: DeploymentConfiguration;
  rollback: { reason: string; startedAt: number; revisionArn: string } | undefined;
  rollbackRequestedAt: number | undefined;
  circuitBreaker: {
    status: 'MONITORING' | 'TRIGGERED' | 'MONITORING_COMPLETE' | 'DISABLED';
    failureCount: number;
    threshold: number;
  };
  alarms: {
    status: 'MONITORING' | 'TRIGGERED' | 'MONITORING_COMPLETE' | 'DISABLED';
    names: string[];
    /** Those in ALARM when the deployment began; `undefined` until the alarms were first read. */
    ignored: string[] | undefined;
    triggered: string[];
  };
  /** The end of a rolling deployment's bake time, once it has begun. */
  bakeUntil: number | undefined;
  /** The revision that serves as it begins, with the deployment that carries it. */
  blue: { deploymentId: string; revisionArn: string } | undefined;
  /** Where it stands in its plan of stages, of the way back once it rolls back. */
  lifecycle: { position: number; since: number } | undefined;
  /** Percent of the traffic that the target revision has been given. */
  traffic: { production: number; test: number };
  hooks: HookRecord[];
}

export type LifecycleStage = DeploymentLifecycleHookStage | 'SCALE_UP' | 'BAKE_TIME' | 'CLEAN_UP';

/** One lifecycle hook of one stage that a deployment has come to. */
export interface HookRecord {
  id: string;
  stage: LifecycleStage;
  /** Which time the stage is gone through. */
  round: number;
  targetType: 'AWS_LAMBDA' | 'PAUSE';
  targetArn: string | undefined;
  /** What is passed on to the function, as configured. */
  details: unknown;
  status: 'AWAITING_ACTION' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  expiresAt: number;
  timeoutAction: 'CONTINUE' | 'ROLLBACK';
  /** When its function is called next; `undefined` while a call is under way, and for a pause. */
  callAt: number | undefined;
}

export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

export type StopCode =
  | 'TaskFailedToStart'
  | 'EssentialContainerExited'
  | 'UserInitiated'
  | 'ServiceSchedulerInitiated'
  | InterruptionCode;

export interface TaskRecord {
  id: string;
  arn: string;
  taskDefinitionArn: string;
  group: string;
  startedBy: string | undefined;
  serviceName: string | undefined;
  /** The deployment that launched it; absent for a task of RunTask. */
  deploymentId: string | undefined;
  revisionArn: string | undefined;
  /** The back-off level it was launched at. */
  backOffLevel: number;
  launchType: LaunchType | undefined;
  privateIp: string;
  /** Resource ids the API shows for the task's network interface. */
  interfaceId: string;
  subnetId: string;
  overrides: TaskOverride | undefined;
  lastStatus: TaskStatus;
  statusSince: number;
  desiredStatus: 'RUNNING' | 'STOPPED';
  createdAt: number;
  pullStartedAt: number | undefined;
  pullStoppedAt: number | undefined;
  startedAt: number | undefined;
  stoppingAt: number | undefined;
  executionStoppedAt: number | undefined;
  stoppedAt: number | undefined;
  stopCode: StopCode | undefined;
  stoppedReason: string | undefined;
  containers: ContainerRecord[];
  targets: (Target & { targetGroupArn: string })[];
  /** How long its targets drain once it is deactivated, in milliseconds. */
  drainMs: number;
  /** Whether it counted as healthy when it was last looked at. */
  wasHealthy: boolean;
  /** Whether its arrival at RUNNING, or its failure to get there, has been noted. */
  outcomeNoted: boolean;
  /** When the runtime was told to end it. */
  stopSentAt: number | undefined;
  /** Whether the runtime has said that nothing of it is left. */
  gone: boolean;
  version: number;
}

export interface ContainerRecord
  extends Pick<Container, 'image' | 'imageDigest' | 'runtimeId' | 'exitCode' | 'reason'> {
  name: string;
  arn: string;
  essential: boolean;
  hasHealthCheck: boolean;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  startedAt: number | undefined;
  health: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';
}

/** PROVISIONING, PENDING and ACTIVATING: what ECS counts as pending. */
export function isPending(task: TaskRecord): boolean {
  return (
    task.desiredStatus === 'RUNNING' && ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(task.lastStatus)
  );
}

export function isRunning(task: TaskRecord): boolean {
  return task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING';
}
