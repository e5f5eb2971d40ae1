/**
 * A running task of a service. `addresses` are its private ones, IPv4 and IPv6, of which a target group names either;
 * none outside the network mode awsvpc.
 */
export interface RunningTask {
  taskArn: string;
  taskDefinitionArn: string;
  addresses: readonly string[];
  containers: { name: string; digest?: string }[];
}

/** A target of one of the service's target groups, with the load balancer's word for its state. */
export interface TargetState {
  address: string;
  state: string;
  /** Why it is in that state, in the load balancer's words. */
  why?: string;
}

/** What is read to prove that a deployment did what ECS says of it. */
export interface ProofReading {
  /** What the deployment was to bring. */
  taskDefinitionArn: string;
  /** What the service is set to now; another one means that somebody has moved it on. */
  serviceTaskDefinitionArn: string;
  desiredCount: number;
  /** Tasks the deployment wanted when its verdict fell: what is wanted beyond them came later, by scaling. */
  requestedCount?: number;
  /** The service counts a deployment as successful before it is whole, because its owner said so. */
  endsEarly: boolean;
  /** Nobody waits for the deployment's end: until then the tasks before stay beside its own. */
  goesOn: boolean;
  running: readonly RunningTask[];
  /** Container name to the digest the service revision was resolved to. */
  deployedDigests: ReadonlyMap<string, string>;
  /** Absent: not allowed to be read. Empty: the service has no target group. */
  targets?: readonly TargetState[];
  /** Addresses that stopped tasks of the service had. Whose the other targets of its groups are is not its business. */
  formerAddresses: ReadonlySet<string>;
}

/** `proven`: in words, what was seen. `contradicted`: each fault a sentence. `moved`: nothing left to prove. */
export type Proof =
  | { kind: 'proven'; what: string }
  | { kind: 'contradicted'; faults: string[] }
  | { kind: 'moved' };

/**
 * Compares what runs with what was deployed: enough tasks, all of the target's task definition; the digests
 * of their containers; and enough of these tasks are healthy targets, and no task before them is one.
 * Source: verification by the set of targets, ecs-semantics of ELBv2 DescribeTargetHealth and
 * ServiceRevision.containerImages (read 2026-11).
 */
export function decideProof(reading: ProofReading): Proof {
  if (reading.serviceTaskDefinitionArn !== reading.taskDefinitionArn) return { kind: 'moved' };
  const ours = reading.running.filter(
    ({ taskDefinitionArn }) => taskDefinitionArn === reading.taskDefinitionArn,
  );
  const setFaults = reading.endsEarly ? [] : [...taskFaults(reading, ours), ...targetFaults(reading, ours)];
  const faults = [...setFaults, ...digestFaults(reading, ours)];
  if (faults.length > 0) return { kind: 'contradicted', faults };
  return { kind: 'proven', what: whatIsProven(reading, ours) };
}

/** Healthy targets that are none of the tasks that run. */
export function strangersAmong(
  targets: readonly TargetState[],
  running: readonly Pick<RunningTask, 'addresses'>[],
): string[] {
  const known = new Set(running.flatMap(({ addresses }) => addresses));
  return [...healthyOf(targets)].filter((address) => !known.has(address));
}

/** A task that scaling has started since may take a minute to run and to be healthy, and proves nothing. */
function wantedOf({ desiredCount, requestedCount }: ProofReading): number {
  return requestedCount ? Math.min(desiredCount, requestedCount) : desiredCount;
}

function taskFaults(reading: ProofReading, ours: readonly RunningTask[]): string[] {
  const wanted = wantedOf(reading);
  const others = reading.goesOn ? 0 : reading.running.length - ours.length;
  return [
    ...(ours.length < wanted ? [`${ours.length} of ${wanted} tasks of it run`] : []),
    ...(others > 0
      ? [`${countOf(others, 'task')} of another revision still ${others === 1 ? 'runs' : 'run'}`]
      : []),
  ];
}

function digestFaults({ deployedDigests }: ProofReading, ours: readonly RunningTask[]): string[] {
  const faults = ours.flatMap(({ containers }) =>
    containers.flatMap(({ name, digest }) => {
      const deployed = deployedDigests.get(name);
      if (!deployed || !digest || deployed === digest) return [];
      return [`container ${name} runs ${digest}, but ${deployed} was deployed`];
    }),
  );
  return [...new Set(faults)];
}

/** Where tasks share the address of their host, targets cannot be told apart by address. */
function targetFaults(reading: ProofReading, ours: readonly RunningTask[]): string[] {
  const { targets, goesOn, formerAddresses } = reading;
  if (!targets || targets.length === 0 || ours.some(({ addresses }) => addresses.length === 0)) return [];
  const missing = ours.filter((task) => !isHealthy(task, targets));
  const tooFew = ours.length - missing.length < Math.min(ours.length, wantedOf(reading));
  const stale = goesOn ? [] : strangersAmong(targets, ours).filter((one) => formerAddresses.has(one));
  return [
    ...(tooFew
      ? [`the load balancer does not call ${missing.map(({ addresses }) => addresses[0]).join(', ')} healthy`]
      : []),
    ...(stale.length > 0 ? [`the load balancer still sends requests to ${stale.join(', ')}`] : []),
  ];
}

function healthyOf(targets: readonly TargetState[]): Set<string> {
  return new Set(targets.filter(({ state }) => state === 'healthy').map(({ address }) => address));
}

function isHealthy({ addresses }: RunningTask, targets: readonly TargetState[]): boolean {
  const healthy = healthyOf(targets);
  return addresses.some((address) => healthy.has(address));
}

function whatIsProven({ deployedDigests, targets }: ProofReading, ours: readonly RunningTask[]): string {
  const seen = ours.flatMap(({ containers }) =>
    containers.filter(({ name, digest }) => digest && deployedDigests.get(name) === digest),
  ).length;
  const healthy = ours.filter((task) => isHealthy(task, targets ?? [])).length;
  const isAlone = strangersAmong(targets ?? [], ours).length === 0;
  return [
    `${countOf(ours.length, 'task')} of this revision`,
    ...(seen > 0 ? [`${countOf(seen, 'container')} of the digest deployed`] : []),
    ...(healthy > 0 ? [`${countOf(healthy, 'healthy target')}${isAlone ? ', no other' : ''}`] : []),
    ...(targets ? [] : ['targets not checked']),
  ].join(', ');
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
