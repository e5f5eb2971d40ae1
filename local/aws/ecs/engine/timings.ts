/** How long things take that no container and no health check decides. Milliseconds. */
export interface Timings {
  /** PROVISIONING: on AWS the network interface is attached. */
  provisioningMs: number;
  deprovisioningMs: number;
  /** How long every essential container must have been up before the task is RUNNING. */
  runningAfterMs: number;
  /** From the API call to the first act of the scheduler (observed on AWS: about 150 ms). */
  deploymentStartMs: number;
  /** ROLLBACK_REQUESTED. */
  rollbackRequestMs: number;
  /** The shortest stage of a deployment that shifts traffic. */
  stageMs: number;
  /** The longest. */
  stageLimitMs: number;
  /** The longest that such a deployment may take in all, its hooks included. */
  deploymentLimitMs: number;
  /** From RUNNING to healthy for a task that has neither a target group nor a health check. */
  healthyWithoutChecksMs: number;
  /** The first delay of the restart back-off; it doubles up to `backOffMaxMs`. */
  backOffBaseMs: number;
  backOffMaxMs: number;
  /** Factor on bake times and on the time-outs of hooks. */
  bakeScale: number;
  /** Factor on the deregistration delay of target groups. */
  drainScale: number;
  /** How long an event is withheld while its cause lasts, and the steady state until it is told again. */
  repeatEventMs: number;
  /** How long a STOPPED task and an INACTIVE service can still be described. */
  stoppedVisibleMs: number;
}

const MINUTE_MS = 60_000;

/**
 * The times of ECS, those that only cost patience multiplied by `timeScale` (1 as on AWS, 0.1 ten times faster):
 * deregistration delay, restart back-off, the 40 s rule, bake times, the
 * stages of a deployment, the time-outs of its hooks, the repetition of events. Health checks that decide something, grace
 * and stop time-outs never scale; how often a new task is asked for its health decides nothing, and does.
 */
export function timingsFor(timeScale: number): Timings {
  return {
    provisioningMs: 200,
    deprovisioningMs: 200,
    runningAfterMs: 1000,
    deploymentStartMs: 150,
    rollbackRequestMs: 1000,
    stageMs: 1000 * timeScale,
    stageLimitMs: 24 * 60 * MINUTE_MS * timeScale,
    deploymentLimitMs: 30 * 24 * 60 * MINUTE_MS * timeScale,
    healthyWithoutChecksMs: 40_000 * timeScale,
    backOffBaseMs: 5000 * timeScale,
    backOffMaxMs: 15 * MINUTE_MS * timeScale,
    bakeScale: timeScale,
    drainScale: timeScale,
    repeatEventMs: 6 * 60 * MINUTE_MS * timeScale,
    stoppedVisibleMs: 60 * MINUTE_MS,
  };
}
