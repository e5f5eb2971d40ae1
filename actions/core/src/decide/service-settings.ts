import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  LoadBalancer,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
} from '@aws-sdk/client-ecs';

/** How a service runs its tasks and makes its deployments, as DescribeServices gives it. */
export interface ServiceSettings {
  /** Absent where capacity providers are used. */
  launchType?: string;
  /** Empty where a launch type is used. */
  capacityProviderStrategy: readonly CapacityProviderStrategyItem[];
  platformVersion?: string;
  networkConfiguration?: NetworkConfiguration;
  /** Of services on container instances; empty on Fargate. */
  placementConstraints?: readonly PlacementConstraint[];
  placementStrategy?: readonly PlacementStrategy[];
  loadBalancers: readonly LoadBalancer[];
  deploymentConfiguration: DeploymentConfiguration;
  hasServiceConnect: boolean;
}
