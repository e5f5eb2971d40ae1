import type * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HandlersOf, RequestContext } from '../../wire/service.ts';
import type { ListenerRecord } from '../records.ts';
import type { Elbv2State } from '../state.ts';
import type { Targets } from '../targets.ts';
import type { ServedCertificate } from '../tls/certificates.ts';

export type Elbv2Handlers = HandlersOf<typeof elb>;

/** What the operations of ELBv2 share. */
export interface Room {
  state: Elbv2State;
  targets: Targets;
  /** 16 hex digits, as at the end of an ARN. */
  newId(): string;
  /** Opens a listener's port, once the load balancers have been started; sets the port it got. */
  open(listener: ListenerRecord): Promise<void>;
  close(listener: ListenerRecord): Promise<void>;
  /** Lets new connections of an open listener have its present certificate and security policy. */
  retune(listener: ListenerRecord): void;
  /** Gets a certificate ready to be served; throws `CertificateNotFound`. */
  certificate(arn: string, context: RequestContext): Promise<ServedCertificate>;
  /** To be called after each change of listeners, rules or target groups. */
  changed(): void;
}
