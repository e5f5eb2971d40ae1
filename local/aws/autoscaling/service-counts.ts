/** What scaling looks at of an ECS service. */
export interface ServiceCount {
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
  /** Whether a service deployment is under way. */
  isDeploying: boolean;
}

/** A service by account, Region and names. */
export interface ServiceName {
  accountId: string;
  region: string;
  cluster: string;
  service: string;
}

/** A service with what Container Insights counts of it. */
export interface CountedService {
  name: ServiceName;
  count: ServiceCount;
  /** Whether its cluster has Container Insights. */
  hasInsights: boolean;
}

/** The desired counts of ECS services, as Application Auto Scaling reads and sets them. */
export interface ServiceCounts {
  /** `undefined` when there is no such ACTIVE service. */
  read(name: ServiceName): ServiceCount | undefined;
  /** All ACTIVE services. */
  list(): CountedService[];
  /** Does nothing when there is no such ACTIVE service. */
  setDesiredCount(name: ServiceName, desiredCount: number): void;
}
