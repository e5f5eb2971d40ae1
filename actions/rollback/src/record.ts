import type { ECSClient } from '@aws-sdk/client-ecs';
import { LEFT_MARK } from '../../core/src/decide/rollback-candidate.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { KNOWN_BAD_TAG, tagTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { renderError } from '../../core/src/errors.ts';
import type { Log } from '../../core/src/log.ts';
import type { PlannedRollback } from './plan.ts';

/**
 * Records on each revision that is left why it was: the tag `known-bad`, also on the original of a copy. A mark
 * that is there already stays, so that the same rollback started many times leaves one record. An extra: without
 * the permission to tag, the rollback goes on.
 */
export async function recordLeft(
  ecs: ECSClient,
  reason: string | undefined,
  planned: readonly PlannedRollback[],
  log: Log,
): Promise<void> {
  if (reason === undefined) return;
  for (const { leaving, target, facts } of planned) {
    if (!leaving || leaving === target) continue;
    const left = await facts.describe(leaving);
    if (left.knownBad !== undefined) continue;
    for (const arn of [leaving, left.copiedFrom].flatMap((one) => one ?? [])) {
      await tagTaskDefinition(ecs, arn, KNOWN_BAD_TAG, `${LEFT_MARK} ${reason}`).catch((error: unknown) => {
        log.warning(`${familyRevisionOf(arn)} could not be marked known-bad: ${renderError(error)}`);
      });
    }
  }
}
