import { type RunCommand, runCommand } from '../../core/src/command.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { UserError } from '../../core/src/errors.ts';
import type { ActionDeps } from '../../core/src/github/action-run.ts';
import { tryDescends } from '../../core/src/github/commit-order.ts';
import type { DeployInputs } from './inputs.ts';
import type { PlannedService } from './plan.ts';

/** Whether commit `newer` descends from `older`; `undefined` when nobody can tell. */
export type Descends = (commits: { older: string; newer: string }) => Promise<boolean | undefined>;

/**
 * Refuses to deploy a commit over one that descends from it: a re-run of an old workflow must not take a service
 * back by accident. What a service runs is told by the tag `git-sha` of its task definition; where that, or the
 * order of the commits, is not known, nothing is refused.
 */
async function assertNoneNewer(
  planned: readonly PlannedService[],
  commit: string,
  descends: Descends,
): Promise<void> {
  if (commit === '') return;
  const lines = await Promise.all(
    planned.map(async ({ wanted, before, current, steps }) => {
      const running = current?.tags['git-sha'];
      const isWrite = steps.some(({ kind }) => kind === 'update');
      if (!isWrite || !running || running === commit) return [];
      if (!(await descends({ older: commit, newer: running }))) return [];
      const [theirs, ours] = [running.slice(0, 12), commit.slice(0, 12)];
      return [
        `${wanted.service} runs ${familyRevisionOf(before.taskDefinitionArn)} of commit ${theirs}, which descends from ${ours}, the commit of this run.`,
      ];
    }),
  );
  const refused = lines.flat();
  if (refused.length === 0) return;
  throw new UserError(
    'DEPLOYMENT_OLDER_COMMIT',
    `${refused.join('\n')}\nNothing was written. To go back on purpose, use the rollback action, or write "allow-older: true".`,
  );
}

/** Asks the clone in the workspace; a shallow one may not know the other commit. */
function descendsInClone(runCommand: RunCommand, workspace: string): Descends {
  return async ({ older, newer }) => {
    try {
      const args = ['-C', workspace, 'merge-base', '--is-ancestor', older, newer];
      const { exitCode } = await runCommand('git', args);
      return exitCode === 0 ? true : exitCode === 1 ? false : undefined;
    } catch {
      return undefined;
    }
  };
}

/** The clone answers at once; where it does not hold both commits, GitHub knows. Refuses nothing with `allow-older`. */
export function commitGuardOf(
  given: Pick<DeployInputs, 'allow-older' | 'github-token'>,
  { github }: Pick<ActionDeps, 'github'>,
): (planned: readonly PlannedService[]) => Promise<void> {
  const inClone = descendsInClone(runCommand, github.workspace);
  const descends: Descends = async (commits) =>
    (await inClone(commits)) ?? tryDescends(github, given['github-token'], commits);
  return async (planned) => {
    if (!given['allow-older']) await assertNoneNewer(planned, github.sha, descends);
  };
}
