/** One target of a target group: a task's address and the port of its container. */
export interface Target {
  /** Private address of the task. */
  id: string;
  port: number;
}

/** Health of a target as ELBv2 gives it. `draining` lasts from `deregister` for the deregistration delay. */
export interface TargetHealthView {
  state: 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused';
  /** For instance `Target.ResponseCodeMismatch`. */
  reason?: string;
  /** For instance `Health checks failed with these codes: [500]`. */
  description?: string;
}

/** What ECS needs of load balancing. The ELBv2 of the local AWS provides it. */
export interface TargetGroups {
  register(targetGroupArn: string, target: Target): void;
  deregister(targetGroupArn: string, target: Target): void;
  health(targetGroupArn: string, target: Target): TargetHealthView;
  exists(targetGroupArn: string): boolean;
  /** Milliseconds, before any time scale. */
  deregistrationDelayMs(targetGroupArn: string): number;
  /** Calls `listener` whenever the health of some target may have changed. */
  onChange(listener: () => void): void;
}
