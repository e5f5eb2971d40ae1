import { alarmBakeMs, inAlarm, triggeredAlarms } from './decide-alarms.ts';
import { ALARM_FAILURE, failDeployment } from './failure.ts';
import type { ServicePass } from './service-pass.ts';
import type { DeploymentRecord, ServiceDeploymentRecord } from './state.ts';

/**
 * Fails a deployment one of whose alarms is in ALARM. Alarms that were so when it was first looked at are
 * ignored to its end. Tells whether anything changed.
 */
export function watchAlarms(
  { context, place, service }: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
): boolean {
  const watched = deployment.alarms;
  if (watched.status !== 'MONITORING' || deployment.status !== 'IN_PROGRESS') return false;
  const { accountId, region } = place.scope;
  context.alarms.watch(deployment.arn, { accountId, region }, watched.names);
  const alarms = context.alarms.read(deployment.arn);
  if (alarms === undefined) return false;
  watched.ignored ??= inAlarm(alarms);
  const triggered = triggeredAlarms(alarms, watched.ignored);
  if (triggered.length === 0) return false;
  watched.triggered = triggered;
  watched.status = 'TRIGGERED';
  const mayRollBack = deployment.deploymentConfiguration.alarms?.rollback ?? false;
  failDeployment(context, service, primary, { ...ALARM_FAILURE, mayRollBack });
  return true;
}

/** Has the alarms of deployments that no longer look at them read no more. */
export function releaseAlarms({ context, service }: ServicePass): void {
  for (const { arn, alarms } of service.serviceDeployments) {
    if (alarms.names.length > 0 && alarms.status !== 'MONITORING') context.alarms.unwatch(arn);
  }
}

/**
 * How long the deployment bakes under its alarms, in milliseconds; `undefined` while they are not known yet.
 */
export function bakeUnderAlarmsMs(
  { context }: ServicePass,
  { arn, alarms: watched }: ServiceDeploymentRecord,
): number | undefined {
  if (watched.status !== 'MONITORING') return 0;
  const alarms = context.alarms.read(arn);
  return alarms && alarmBakeMs(alarms, watched.ignored ?? []) * context.timings.bakeScale;
}
