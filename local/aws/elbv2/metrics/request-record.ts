import type { ListenerRecord, TargetGroupRecord } from '../records.ts';

/** How one request ended, as far as CloudWatch counts it. */
export interface RequestRecord {
  listener: ListenerRecord;
  /** The group the request was routed to, if any. */
  group?: TargetGroupRecord;
  /** Who made the answer. */
  by: 'target' | 'load-balancer' | 'fixed-response' | 'redirect';
  status: number;
  /** From the request's leaving for the target to the first byte of its answer. */
  targetSeconds?: number;
  /** Whether the target could not be connected to. */
  isConnectionError?: boolean;
}
