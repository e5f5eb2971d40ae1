import { renderRollbackTarget } from '../../core/src/decide/rollback-target.ts';
import type { RollbackInputs } from './inputs.ts';
import type { PlannedRollback } from './plan.ts';

/**
 * What is left after a rollback that ended half-way, as the command that goes on exactly there, one a service
 * where no manifest names them together; empty when nothing is left.
 */
export function renderResume(left: readonly PlannedRollback[], given: RollbackInputs): string {
  if (left.length === 0) return '';
  const names = left.map(({ wanted }) => wanted.service).join(',');
  const flags = flagsOf(given);
  const commands = given.environment
    ? [command([`--environment ${given.environment}`, `--services ${names}`, ...flags])]
    : left.map(({ wanted, before }) =>
        command([`--cluster ${before.clusterArn}`, `--service ${wanted.serviceName}`, ...flags]),
      );
  return `\nStill to roll back: ${names}. Go on with:\n${commands.map((line) => `  ${line}`).join('\n')}`;
}

function command(flags: readonly string[]): string {
  return ['npx --no-install berth rollback', ...flags].join(' ');
}

/** Everything else that was given; a list of deployments is this run's alone, and the candidates follow from history. */
function flagsOf(given: RollbackInputs): string[] {
  const { to, region, manifest, scope } = given;
  return [
    ...(to.kind === 'previous' ? [] : [`--to ${renderRollbackTarget(to)}`]),
    ...(region ? [`--region ${region}`] : []),
    ...(given.environment && manifest !== 'berth.yaml' ? [`--manifest ${quoted(manifest)}`] : []),
    ...(scope === 'task' ? [] : [`--scope ${scope}`]),
    ...(given['mark-known-bad'] ? [`--mark-known-bad ${quoted(given['mark-known-bad'])}`] : []),
    ...(given['schema-version'] ? [`--schema-version ${quoted(given['schema-version'])}`] : []),
    ...(given['accept-schema-risk'] ? ['--accept-schema-risk'] : []),
  ];
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
