import type { Plan, PlannedChange } from '../terraform/plan-json.ts';

/** How many resources a plan makes, changes and removes; a replacement counts as both made and removed. */
export interface PlanCounts {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
}

/** The changes that are made when the plan is applied; reads and what stays are none. */
export function realChanges(changes: readonly PlannedChange[]): PlannedChange[] {
  return changes.filter(({ action }) => action !== 'no-op' && action !== 'read');
}

export function countChanges(changes: readonly PlannedChange[]): PlanCounts {
  const count = (...actions: readonly PlannedChange['action'][]): number =>
    changes.filter(({ action }) => actions.includes(action)).length;
  return { add: count('create', 'replace'), change: count('update'), destroy: count('delete', 'replace') };
}

/**
 * What two plans that do the same have in common, as text: each change with its values, without those that must not
 * be shown, so that the text (or its digest) gives none of them away.
 */
export function planEssence({ changes, outputs }: Plan): string {
  const essence = realChanges(changes)
    .map(({ address, action, after, afterUnknown, afterSensitive }) => ({
      address,
      action,
      after: withoutSensitive(after ?? null, afterSensitive),
      afterUnknown: afterUnknown ?? null,
    }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  return JSON.stringify(sorted({ changes: essence, outputs: [...outputs].sort() }));
}

function withoutSensitive(value: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return '(sensitive)';
  if (Array.isArray(value))
    return value.map((item, i) =>
      withoutSensitive(item, Array.isArray(sensitive) ? sensitive[i] : undefined),
    );
  if (typeof value !== 'object' || value === null) return value;
  const marks = (sensitive ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withoutSensitive(item, marks[name])]),
  );
}

/** Objects with their keys in order, so that the same values give the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}
