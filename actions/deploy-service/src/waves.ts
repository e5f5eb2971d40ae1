import { HOPELESS_RULES } from '../../core/src/decide/hopeless.ts';
import type { WaitUntil } from '../../core/src/decide/verdict.ts';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { renderError } from '../../core/src/errors.ts';
import { followDeployments, type OnCancel } from '../../core/src/follow.ts';
import { inNeedsOrder } from '../../core/src/needs-order.ts';
import { renderVerdict } from '../../core/src/report/verdict-sentence.ts';
import { applyUpdate } from './apply.ts';
import type { MigrationResult } from './migration.ts';
import type { PlannedService } from './plan.ts';
import { type ApplyContext, prepareService } from './prepare.ts';

/** What deploying in waves needs besides what each service does. */
export interface WaveContext extends Omit<ApplyContext, 'wave'> {
  /** How far a deployment must have come before those that need it begin. */
  waitUntil: WaitUntil;
  onCancel: OnCancel;
  /** Absent: a later step proves the deployments, and only those that others need are followed and asked here. */
  prove?: Prove | undefined;
  /** Asks services whose deployments have come far enough the questions of their smoke files. */
  ask: Prove;
}

/** Proves deployments before others begin; gives the sentence of what is not as it should be. */
export type Prove = (items: readonly ServiceDeploymentItem[]) => Promise<string | undefined>;

/** What the waves have done: the services deployed so far, and the sentence that ended them early. */
export interface WaveResult {
  items: ServiceDeploymentItem[];
  migrations: Map<string, MigrationResult>;
  failure?: string;
}

/**
 * Deploys service after service in waves of `needs`. A wave begins when the deployments it needs have come as far as
 * `waitUntil` and answer rightly; within a wave all are prepared before the first is updated. What goes wrong ends
 * the run there, with what was deployed before it in the result, so that the rollback knows it.
 */
export async function deployInWaves(
  planned: readonly PlannedService[],
  context: WaveContext,
): Promise<WaveResult> {
  const byService = Object.fromEntries(planned.map((plan) => [plan.wanted.service, plan]));
  const waves = inNeedsOrder(Object.fromEntries(planned.map(({ wanted }) => [wanted.service, wanted])));
  const result: WaveResult = { items: [], migrations: new Map() };
  for (const [wave, names] of waves.entries()) {
    const plans = names.flatMap((name) => byService[name] ?? []);
    const unmet = context.prove ? undefined : await tryUnmet(plans, result, context);
    if (unmet !== undefined) {
      const left = waves.slice(wave).flat().join(', ');
      return { ...result, failure: `${unmet} Not deployed, because they come after it: ${left}.` };
    }
    const failure =
      (await deployWave(plans, { ...context, wave }, result)) ??
      (await tryProof(
        context.prove,
        result.items.filter((item) => item.wave === wave),
      ));
    if (failure !== undefined) return { ...result, failure: withLeft(failure, waves.slice(wave + 1).flat()) };
  }
  return result;
}

/** A proof that could not be made is none: what was deployed must still be handed over. */
async function tryProof(
  prove: Prove | undefined,
  items: readonly ServiceDeploymentItem[],
): Promise<string | undefined> {
  return prove?.(items).catch(renderError);
}

/** What keeps these services from being deployed: something they need that is not as it should be. */
async function tryUnmet(
  plans: readonly PlannedService[],
  { items }: WaveResult,
  context: WaveContext,
): Promise<string | undefined> {
  const names = new Set(plans.flatMap(({ wanted }) => wanted.needs));
  const needed = items.filter(({ service }) => names.has(service));
  return (await followToStage(needed, context)) ?? tryProof(context.ask, needed);
}

/**
 * Follows deployments as far as `waitUntil`; gives the sentence of the first that ended otherwise, or of why that
 * could not be found out: what was deployed must be handed over in any case.
 */
export async function followToStage(
  items: readonly ServiceDeploymentItem[],
  { deps, deadlineAt, waitUntil, onCancel }: WaveContext,
): Promise<string | undefined> {
  const followed = items.flatMap((item) =>
    item.serviceDeploymentArn ? [{ ...item, serviceDeploymentArn: item.serviceDeploymentArn }] : [],
  );
  if (followed.length === 0) return undefined;
  const timeoutMs = Math.max(0, deadlineAt - deps.clock.now());
  const hopeless = { rules: HOPELESS_RULES, onFailure: 'rollback' } as const;
  const options = { timeoutMs, waitUntil, causes: 'annotate', logLines: 12, hopeless, onCancel } as const;
  try {
    const outcomes = await followDeployments(followed, options, deps);
    const unmet = outcomes.find(({ verdict }) => !verdict.green);
    return unmet && renderVerdict({ ...unmet.followed, verdict: unmet.verdict });
  } catch (error) {
    return renderError(error);
  }
}

/** Adds to `result` what it has done; gives the sentence of what went wrong. */
async function deployWave(
  plans: readonly PlannedService[],
  context: ApplyContext,
  result: WaveResult,
): Promise<string | undefined> {
  const preparing = await Promise.allSettled(plans.map((plan) => prepareService(plan, context)));
  const prepared = preparing.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const { planned, migration } of prepared)
    if (migration) result.migrations.set(planned.wanted.service, migration);
  const unprepared = reasonsOf(preparing);
  if (unprepared.length > 0) return failureOf(unprepared, result);
  const applied = await Promise.allSettled(prepared.map((one) => applyUpdate(one, context)));
  // What was deployed must reach the rollback even though this wave ends here.
  result.items.push(...applied.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  const refused = reasonsOf(applied);
  return refused.length > 0 ? failureOf(refused, result) : undefined;
}

function reasonsOf(settled: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
}

/** With nothing deployed there is nothing to hand over: then the error itself is what the step ends with. */
function failureOf(reasons: readonly unknown[], { items }: WaveResult): string {
  const [first] = reasons;
  if (items.length === 0 && reasons.length === 1) throw first;
  return reasons.map(renderError).join('\n');
}

function withLeft(failure: string, left: readonly string[]): string {
  return left.length === 0
    ? failure
    : `${failure}\nNot deployed, because they come after it: ${left.join(', ')}.`;
}
