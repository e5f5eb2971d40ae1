import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { UserError } from '../../core/src/errors.ts';
import type { Target } from '../../core/src/github/target-inputs.ts';
import { inNeedsOrder } from '../../core/src/needs-order.ts';
import { type SelectedService, selectServices } from '../../core/src/selected-services.ts';
import type { RollbackInputs } from './inputs.ts';
import type { RollbackService } from './plan.ts';

/** These name a revision, and a revision is of one service. */
const FOR_ONE: ReadonlySet<string> = new Set(['task-definition', 'service-revision']);

/** The services to roll back, each with its wave. Throws for contradicting inputs; nothing on AWS is called. */
export function chooseServices(given: RollbackInputs, target: Target): RollbackService[] {
  const migrating = new Set(target.services.flatMap(({ name, migrate }) => (migrate ? [name] : [])));
  const all = given.deployments ? fromRun(given.deployments) : withWaves(selectServices(target, given));
  const chosen = all.map((one) => (migrating.has(one.service) ? { ...one, migrates: true } : one));
  if (FOR_ONE.has(given.to.kind) && chosen.length > 1) {
    throw new UserError(
      'INPUT_CONTRADICTION',
      `"to" names one revision, but ${chosen.length} services are chosen (${chosen.map(({ service }) => service).join(', ')}): name one in "services", or write "to: previous", "before:…" or "sha:…".`,
    );
  }
  return chosen;
}

/** Services in groups to go back at the same time: those that need others before those they need. */
export function inReverseWaves<S extends { wanted: { wave: number } }>(planned: readonly S[]): S[][] {
  const byWave = Map.groupBy(planned, ({ wanted }) => wanted.wave);
  return [...byWave].sort(([a], [b]) => b - a).map(([, group]) => group);
}

/** The list is in needs order; without waves each item may need the one before it. */
function fromRun(items: readonly ServiceDeploymentItem[]): RollbackService[] {
  return items.map((item, i) => ({ ...item, wave: item.wave ?? i, ours: item }));
}

function withWaves(selected: readonly SelectedService[]): RollbackService[] {
  const waves = inNeedsOrder(Object.fromEntries(selected.map((one) => [one.service, one])));
  return selected.map(({ needs: _needs, ...one }) => ({
    ...one,
    wave: waves.findIndex((wave) => wave.includes(one.service)),
  }));
}
