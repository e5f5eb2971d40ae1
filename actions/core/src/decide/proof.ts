/** A running task of a service. `address` is its private IPv4 address, in the network mode awsvpc. */
export interface RunningTask {
  taskArn: string;
  taskDefinitionArn: string;
  address?: string;
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
  /** The service counts a deployment as successful before it is whole, because its owner said so. */
  endsEarly: boolean;
  running: readonly RunningTask[];
  /** Container name to the digest the service revision was resolved to. */
  deployedDigests: ReadonlyMap<string, string>;
  /** Absent: not allowed to be read. Empty: the service has no target group. */
  targets?: readonly TargetState[];
}

/** `proven`: in words, what was seen. `contradicted`: each fault a sentence. `moved`: nothing left to prove. */
export type Proof =
  | { kind: 'proven'; what: string }
  | { kind: 'contradicted'; faults: string[] }
  | { kind: 'moved' };

/**
 * Compares what runs with what was deployed: enough tasks, all of the target's task definition; the digests
 * of their containers; and the healthy targets are these tasks and no others.
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

function taskFaults({ desiredCount, running }: ProofReading, ours: readonly RunningTask[]): string[] {
  const others = running.length - ours.length;
  return [
    ...(ours.length < desiredCount ? [`${ours.length} of ${desiredCount} tasks of it run`] : []),
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
function targetFaults({ targets }: ProofReading, ours: readonly RunningTask[]): string[] {
  const addresses = ours.flatMap(({ address }) => address ?? []);
  if (!targets || targets.length === 0 || addresses.length < ours.length) return [];
  const healthy = new Set(targets.filter(({ state }) => state === 'healthy').map(({ address }) => address));
  const missing = addresses.filter((address) => !healthy.has(address));
  const foreign = [...healthy].filter((address) => !addresses.includes(address));
  return [
    ...(missing.length > 0 ? [`the load balancer does not call ${missing.join(', ')} healthy`] : []),
    ...(foreign.length > 0 ? [`the load balancer still sends requests to ${foreign.join(', ')}`] : []),
  ];
}

function whatIsProven({ deployedDigests, targets }: ProofReading, ours: readonly RunningTask[]): string {
  const seen = ours.flatMap(({ containers }) =>
    containers.filter(({ name, digest }) => digest && deployedDigests.get(name) === digest),
  ).length;
  const known = new Set(targets?.filter(({ state }) => state === 'healthy').map(({ address }) => address));
  const healthy = ours.filter(({ address }) => address && known.has(address)).length;
  return [
    `${countOf(ours.length, 'task')} of this revision`,
    ...(seen > 0 ? [`${countOf(seen, 'container')} of the digest deployed`] : []),
    ...(healthy > 0 ? [`${countOf(healthy, 'healthy target')}, no other`] : []),
    ...(targets ? [] : ['targets not checked']),
  ].join(', ');
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
