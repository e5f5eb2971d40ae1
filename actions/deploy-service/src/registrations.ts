import type { ECSClient } from '@aws-sdk/client-ecs';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { normalise } from '../../core/src/decide/task-definition-content.ts';
import { registerTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { renderError, UserError } from '../../core/src/errors.ts';
import type { Log } from '../../core/src/log.ts';
import type { PlannedService } from './plan.ts';

/** The revisions of one run, each registered once. */
export interface Registrations {
  /** ARN of what a service shall run: the revision that is there already, else one that is registered now. */
  arnOf(planned: PlannedService): Promise<string>;
  /** Registers for all services before the first of them is touched: a role or a field that ECS refuses stops the run here. */
  registerAll(planned: readonly PlannedService[]): Promise<void>;
}

/** Two services that want the same content of one family share a revision. */
export function openRegistrations(
  ecs: ECSClient,
  log: Log,
  tags: Readonly<Record<string, string>>,
): Registrations {
  const byContent = new Map<string, Promise<string>>();
  const arnOf = async (planned: PlannedService): Promise<string> => {
    if (planned.equal) return planned.equal.taskDefinitionArn;
    const { document } = planned;
    const content = JSON.stringify(normalise(document));
    const registered = byContent.get(content) ?? registerTaskDefinition(ecs, document, tags);
    if (!byContent.has(content)) {
      byContent.set(content, registered);
      log.info(`${planned.wanted.service}: registered ${familyRevisionOf(await registered)}`);
    }
    return registered;
  };
  return {
    arnOf,
    async registerAll(planned) {
      const needed = planned.filter(({ steps }) => steps.some(({ kind }) => kind === 'register'));
      const settled = await Promise.allSettled(needed.map(arnOf));
      const faults = settled.flatMap((one, i) =>
        one.status === 'rejected'
          ? [`${needed[i]?.wanted.service}: its task definition was refused. ${renderError(one.reason)}`]
          : [],
      );
      if (faults.length === 0) return;
      throw new UserError('DEPLOYMENT_REFUSED', `${faults.join('\n')}\nNo service was touched.`);
    },
  };
}
