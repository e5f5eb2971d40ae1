import type { Service, ServiceDeployment, Task } from '@aws-sdk/client-ecs';

/** One look at the service of a scenario, all by the API. */
export interface Reading {
  now: number;
  service: Service;
  /** Newest first. */
  deployments: ServiceDeployment[];
  /** The tasks that are live, and those that were so at the reading before. */
  tasks: Task[];
  /** ARNs of the tasks that count as healthy by what AWS documents, judged from outside. */
  healthy: ReadonlySet<string>;
  /** ARNs of the tasks that a check has found unhealthy, which a replacement may stand beside. */
  unhealthy: ReadonlySet<string>;
  /** The target group that a task is registered with, by its ARN. */
  groupOf: ReadonlyMap<string, string>;
  /** Whether its events are looked at as well, which takes its time. */
  areEventsRead: boolean;
  /** Weights of the production rule, where there is one. */
  weights: Readonly<Record<string, number>> | undefined;
}

const ENDED: readonly unknown[] = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

/** Throws an error that names the property which does not hold between two readings, one right after the other. */
export function assertReading(before: Reading | undefined, reading: Reading): void {
  const faults = [
    ...countFaults(reading),
    ...(reading.service.status === 'ACTIVE' ? boundFaults(before, reading) : []),
    ...deploymentFaults(before, reading),
    ...trafficFaults(reading),
    ...(reading.areEventsRead ? eventFaults(reading) : []),
  ];
  if (faults.length === 0) return;
  const { service, deployments, tasks, healthy, now } = reading;
  const brief = tasks.map(({ taskArn = '', lastStatus, desiredStatus, startedBy, stoppedReason }) =>
    [taskArn.slice(-4), lastStatus, desiredStatus, startedBy, healthy.has(taskArn), stoppedReason].join(' '),
  );
  const told = service.events?.slice(0, 6).map(({ message }) => message);
  throw new Error(
    `${faults.join('; ')}\n${JSON.stringify({ now, service: { ...service, events: told }, deployments, brief }, null, 1)}`,
  );
}

const isLive = ({ desiredStatus, lastStatus }: Task): boolean =>
  desiredStatus === 'RUNNING' && lastStatus !== 'STOPPED';

/** Counts of service, deployments and revisions are those of the tasks that are listed. */
function countFaults({ service, deployments: [newest], tasks }: Reading): string[] {
  const { runningCount = 0, pendingCount = 0, deployments = [] } = service;
  const faults: string[] = [];
  const live = tasks.filter(isLive);
  const running = live.filter(({ lastStatus }) => lastStatus === 'RUNNING').length;
  if (running !== runningCount || live.length - running !== pendingCount) {
    faults.push(
      `${running} of ${live.length} tasks listed run, counted are ${runningCount} and ${pendingCount}`,
    );
  }
  const sum = (key: 'runningCount' | 'pendingCount') =>
    deployments.reduce((total, deployment) => total + (deployment[key] ?? 0), 0);
  if (
    service.status === 'ACTIVE' &&
    (sum('runningCount') !== runningCount || sum('pendingCount') !== pendingCount)
  ) {
    faults.push('the counts of the deployments are not those of the service');
  }
  const primaries = deployments.filter(({ status }) => status === 'PRIMARY').length;
  if (service.status === 'ACTIVE' && primaries !== 1) faults.push(`there are ${primaries} PRIMARY`);
  if (deployments.length > 5) faults.push('more than five deployments are listed');
  const target = newest?.targetServiceRevision;
  if (target && (target.runningTaskCount ?? 0) > runningCount)
    faults.push('a revision runs more than its service');
  return faults;
}

/** Tasks are started only within the upper bound, and healthy ones stopped only above the lower. */
function boundFaults(before: Reading | undefined, reading: Reading): string[] {
  if (before === undefined) return [];
  const { service, tasks } = reading;
  const { desiredCount = 0, deploymentConfiguration = {}, deployments = [] } = service;
  const isRolling = (deploymentConfiguration.strategy ?? 'ROLLING') === 'ROLLING';
  const { maximumPercent = 200, minimumHealthyPercent = 100 } = deploymentConfiguration;
  const known = new Set(before.tasks.map(({ taskArn }) => taskArn));
  const faults: string[] = [];
  const started = tasks.filter((task) => !known.has(task.taskArn));
  const live = tasks.filter(isLive);
  const upper = Math.floor((desiredCount * maximumPercent) / 100);
  if (isRolling && started.length > 0 && live.length > upper)
    faults.push(`${live.length} tasks run or are pending above ${upper}`);
  if (!isRolling && started.length > 0)
    faults.push(...shiftingFaults(reading, live), ...launchFaults(before, started));
  const failed = deployments.find(({ rolloutState }) => rolloutState === 'FAILED');
  const had = before.service.deployments?.find(({ id }) => id === failed?.id);
  if (had?.rolloutState === 'FAILED' && started.some(({ startedBy }) => startedBy === failed?.id)) {
    faults.push('a failed deployment launches tasks');
  }
  if (!isRolling) return [...faults, ...productionFaults(before, reading)];
  const lower = Math.min(desiredCount, Math.ceil((desiredCount * minimumHealthyPercent) / 100));
  const taken = takenByScheduler(before, reading);
  const left = tasks.filter((task) => isLive(task) && reading.healthy.has(task.taskArn ?? '')).length;
  if (taken.length > 0 && left < lower) {
    faults.push(`the scheduler took ${taken.length} healthy tasks and left ${left}, below ${lower}`);
  }
  return faults;
}

/**
 * While traffic is shifted each of two revisions is kept at the desired count, and what failed its checks stands
 * beside its replacement: a revision has no more tasks than twice the desired count, and no more than that count
 * without the unhealthy ones. What a newer deployment has superseded may stand beside them for a while, but is not
 * brought up any more.
 */
function shiftingFaults({ service, unhealthy }: Reading, live: readonly Task[]): string[] {
  const { desiredCount = 0 } = service;
  const byRevision = Map.groupBy(live, ({ startedBy = '' }) => startedBy);
  const faults = [...byRevision].flatMap(([id, tasks]) => {
    const well = tasks.filter(({ taskArn = '' }) => !unhealthy.has(taskArn)).length;
    return well > desiredCount || tasks.length > 2 * desiredCount
      ? [`${id} has ${tasks.length} tasks, ${well} of them not unhealthy, and ${desiredCount} are desired`]
      : [];
  });
  return byRevision.size > 2 ? [...faults, `${byRevision.size} revisions have tasks`] : faults;
}

const ENDED_BY_NEWER: readonly unknown[] = ['STOP_REQUESTED', 'STOPPED'];
const SHIFTED: readonly unknown[] = [
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
];

/**
 * Only the PRIMARY is brought up, and the completed one that it takes the place of is kept whole. Where a superseded
 * deployment had all the traffic before it completed, or was on its way back, the one to be kept is another: the
 * superseded one, or the one it went back to, which the API shows as under way. Which that is, it does not say.
 */
function launchFaults(before: Reading, started: readonly Task[]): string[] {
  const [, ...superseded] = before.deployments;
  const isUnsaid = superseded.some(
    ({ status, lifecycleStage, rollback }) =>
      (ENDED_BY_NEWER.includes(status) && (SHIFTED.includes(lifecycleStage) || rollback !== undefined)) ||
      status === 'ROLLBACK_IN_PROGRESS',
  );
  if (isUnsaid) return [];
  return (before.service.deployments ?? [])
    .filter(({ status, rolloutState }) => status !== 'PRIMARY' && rolloutState !== 'COMPLETED')
    .filter(({ id }) => started.some(({ startedBy }) => startedBy === id))
    .map(({ id, rolloutState }) => `${id} launches tasks, which is ${rolloutState} and not PRIMARY`);
}

/** Behind production traffic the scheduler leaves as many healthy tasks as are desired. */
function productionFaults(before: Reading, reading: Reading): string[] {
  const { service, tasks, weights = {} } = reading;
  const { desiredCount = 0 } = service;
  const taken = Map.groupBy(takenByScheduler(before, reading), ({ taskArn = '' }) =>
    before.groupOf.get(taskArn),
  );
  return [...taken].flatMap(([group, gone]) => {
    if (group === undefined || (weights[group] ?? 0) === 0) return [];
    const left = tasks.filter(
      (task) =>
        isLive(task) &&
        reading.healthy.has(task.taskArn ?? '') &&
        reading.groupOf.get(task.taskArn ?? '') === group,
    ).length;
    return left < desiredCount
      ? [`the scheduler took ${gone.length} healthy tasks behind weight ${weights[group]} and left ${left}`]
      : [];
  });
}

/** Healthy tasks that the scheduler has told to stop since the reading before. */
function takenByScheduler(before: Reading, { tasks, healthy }: Reading): Task[] {
  const live = new Set(before.tasks.filter(isLive).map(({ taskArn }) => taskArn));
  return tasks.filter(
    ({ taskArn = '', stopCode, desiredStatus }) =>
      live.has(taskArn) &&
      desiredStatus === 'STOPPED' &&
      stopCode === 'ServiceSchedulerInitiated' &&
      healthy.has(taskArn),
  );
}

/** An end is final and has its time; only the newest is at work. */
function deploymentFaults(before: Reading | undefined, { deployments }: Reading): string[] {
  const faults: string[] = [];
  for (const [index, { serviceDeploymentArn, status, finishedAt, rollback }] of deployments.entries()) {
    const old = before?.deployments.find((one) => one.serviceDeploymentArn === serviceDeploymentArn);
    if (old && ENDED.includes(old.status) && old.status !== status) {
      faults.push(`${old.status} became ${status}`);
    }
    if (ENDED.includes(status) !== (finishedAt !== undefined)) faults.push(`${status} without its time`);
    if (index > 0 && status === 'IN_PROGRESS') faults.push('an older service deployment is IN_PROGRESS');
    const goesBack = status === 'ROLLBACK_IN_PROGRESS' || status === 'ROLLBACK_SUCCESSFUL';
    if (goesBack && rollback?.serviceRevisionArn === undefined) faults.push(`${status} without its revision`);
  }
  return faults;
}

/** The weights of the revisions add up to all of the traffic, and the rule holds the same shares. */
function trafficFaults({ deployments: [newest], weights }: Reading): string[] {
  if (newest?.targetServiceRevision?.requestedProductionTrafficWeight === undefined) return [];
  const faults: string[] = [];
  const revisions = [newest.targetServiceRevision, ...(newest.sourceServiceRevisions ?? [])];
  const sum = revisions.reduce((total, one) => total + (one.requestedProductionTrafficWeight ?? 0), 0);
  const isFirst = (newest.sourceServiceRevisions ?? []).length === 0;
  if (Math.abs(sum - 100) > 1e-9 && !isFirst) faults.push(`production weights add up to ${sum}`);
  const test = revisions.reduce((total, one) => total + (one.requestedTestTrafficWeight ?? 0), 0);
  if (Math.abs(test - 100) > 1e-9 && !isFirst) faults.push(`test weights add up to ${test}`);
  const whole = Object.values(weights ?? {}).reduce((total, weight) => total + weight, 0);
  if (weights !== undefined && whole !== 100 && whole !== 999) faults.push(`the rule's weights are ${whole}`);
  return faults;
}

function eventFaults({ service: { events = [] } }: Reading): string[] {
  const faults: string[] = [];
  if (events.length > 100) faults.push(`${events.length} events are kept`);
  if (new Set(events.map(({ id }) => id)).size !== events.length) faults.push('an event id occurs twice');
  const times = events.map(({ createdAt }) => Number(createdAt));
  if (times.some((at, n) => n > 0 && at > (times[n - 1] ?? at))) faults.push('events are not newest first');
  return faults;
}
