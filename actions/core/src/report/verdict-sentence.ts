import { familyRevisionOf } from '../decide/rollback-target.ts';
import type { Verdict, VerdictAuthor } from '../decide/verdict.ts';

/** A verdict with what it is about. */
export interface JudgedService {
  service: string;
  cluster: string;
  serviceName: string;
  serviceDeploymentArn: string | null;
  taskDefinitionArn: string;
  verdict: Verdict;
}

/** Renders a verdict as one sentence: which service and revision, the word, by whom, ECS's reason. */
export function renderVerdict({ service, taskDefinitionArn, verdict }: JudgedService): string {
  const by = verdict.by ? renderAuthor(verdict.by) : '';
  const reason = verdict.reason ? `: ${verdict.reason.replace(/\.$/, '')}` : '';
  return `${service} (${familyRevisionOf(taskDefinitionArn)}) ${verdict.word}${by}${reason}.`;
}

/** What state the service is in and the next command, in one or two sentences; empty after a success. */
export function renderNextStep(judged: JudgedService): string {
  const { verdict, serviceDeploymentArn, cluster, serviceName } = judged;
  const look = serviceDeploymentArn
    ? `aws ecs describe-service-deployments --service-deployment-arns ${serviceDeploymentArn}`
    : `aws ecs describe-services --cluster ${cluster} --services ${serviceName}`;
  switch (verdict.word) {
    case 'succeeded':
    case 'unchanged':
      return '';
    case 'rolled-back':
      return 'ECS has put the revision before back in service. Mend the cause and push again.';
    case 'failed':
      if (verdict.by?.kind === 'hopeless')
        return `The deployment is still under way. Stop it: aws ecs stop-service-deployment --stop-type ROLLBACK --service-deployment-arn ${serviceDeploymentArn}`;
      if (verdict.rollbackFailed)
        return `ECS does nothing more by itself, and the service may run both revisions or none. See what ends its tasks: aws ecs describe-services --cluster ${cluster} --services ${serviceName} --query "services[0].events[:10]". Mend that and deploy again, or name a revision that can run: run the rollback workflow with "to: FAMILY:REVISION".`;
      return 'The service may run both revisions. Roll back: run the rollback workflow with "to: previous".';
    case 'superseded':
      return 'A newer deployment of the service took over; its own run tells how it ended.';
    case 'stopped':
      if (verdict.by?.kind === 'cancel') return `ECS is on its way to the revision before. See: ${look}`;
      return `The service may run both revisions. See which: ${look}`;
    case 'paused':
      return pausedNext(verdict, serviceDeploymentArn);
    case 'scaled-to-zero':
      return `No task runs, so nothing is proven. Start some: aws ecs update-service --cluster ${cluster} --service ${serviceName} --desired-count 1`;
    case 'unknown':
      return `Nothing is proven, and the deployment may still be under way. Look again: ${look}`;
  }
}

function pausedNext({ by }: Verdict, serviceDeploymentArn: string | null): string {
  const hookId = by?.kind === 'hook' ? by.hookId : '';
  const command = `aws ecs continue-service-deployment --service-deployment-arn ${serviceDeploymentArn} --hook-id ${hookId}`;
  return `A hook waits for an answer: ${command} --action CONTINUE (or ROLLBACK)`;
}

function renderAuthor(by: VerdictAuthor): string {
  switch (by.kind) {
    case 'breaker':
      return ` by the circuit breaker (${by.failureCount} of ${by.threshold} failed tasks)`;
    case 'alarm':
      return ` by alarm ${by.names.join(', ') || '(unnamed)'}`;
    case 'hook':
      return ` by hook ${by.hookId}${by.stage ? ` at ${by.stage}` : ''}`;
    case 'person':
      return ' by a person (StopServiceDeployment)';
    case 'deployment':
      return ` by ${by.serviceDeploymentArn.split('/').at(-1)}`;
    case 'deadline':
      return ` after ${Math.round(by.seconds)} s, when the time was up`;
    case 'hopeless':
      return ` because no further try could succeed (${by.rule}, ${by.count} ${by.count === 1 ? 'task' : 'tasks'})`;
    case 'cancel':
      return ' because the step was cancelled';
    case 'stage':
      return ` as far as asked (${by.stage})`;
    case 'service':
      return '';
    case 'status':
      return `: ECS gave the status ${by.status || '(none)'}, which this version does not know`;
    case 'unstated':
      return '';
  }
}
