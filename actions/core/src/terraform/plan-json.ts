import { UserError } from '../errors.ts';

/** Values of a resource; what is not known before the apply is absent, or null within a list of known length. */
export type Values = Readonly<Record<string, unknown>>;

/** What Terraform does to one resource, in its own words. */
export type PlannedAction = 'no-op' | 'read' | 'create' | 'update' | 'replace' | 'delete' | 'forget';

/** One managed resource of a plan, before and after it; `undefined` where it is not there. */
export interface PlannedChange {
  readonly address: string;
  readonly type: string;
  readonly action: PlannedAction;
  readonly before: Values | undefined;
  readonly after: Values | undefined;
  /** True for each value that is known only after the apply, in the shape of `after`. */
  readonly afterUnknown: unknown;
  /** True for each value that must not be shown, in the shape of `after`. */
  readonly afterSensitive: unknown;
}

/** What of a plan is decided on and shown. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** Resources that are no longer as Terraform left them, as a refresh found them. */
  readonly drifted: readonly PlannedChange[];
  /** Names of the outputs that change. */
  readonly outputs: readonly string[];
}

/** A resource that is there, before or after the plan. */
export interface PlannedResource {
  readonly address: string;
  readonly type: string;
  readonly values: Values;
}

/** Reads what `terraform show -json` gives for a plan file. Source: Terraform's "JSON Output Format", read 2026-11. */
export function readPlan(text: string): Plan {
  const document = tryObject(text);
  if (!document || typeof document.format_version !== 'string' || !('planned_values' in document)) {
    throw new UserError(
      'INPUT_NOT_A_PLAN',
      'This is no plan: expected what `terraform show -json PLANFILE` prints.',
    );
  }
  return {
    changes: changesOf(document.resource_changes),
    drifted: changesOf(document.resource_drift),
    outputs: Object.entries(isObject(document.output_changes) ? document.output_changes : {})
      .filter(([, change]) => isObject(change) && actionOf(change.actions) !== 'no-op')
      .map(([name]) => name),
  };
}

/** Resources as they are once the plan was applied. */
export function resourcesAfter(plan: Plan): PlannedResource[] {
  return plan.changes.flatMap(({ address, type, after }) =>
    after ? [{ address, type, values: after }] : [],
  );
}

/** Resources as they are now. */
export function resourcesBefore(plan: Plan): PlannedResource[] {
  return plan.changes.flatMap(({ address, type, before }) =>
    before ? [{ address, type, values: before }] : [],
  );
}

function changesOf(list: unknown): PlannedChange[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap(({ mode, address, type, change }) => {
    if (mode !== 'managed' || !isObject(change)) return [];
    return [
      {
        address: String(address),
        type: String(type),
        action: actionOf(change.actions),
        before: isObject(change.before) ? change.before : undefined,
        after: isObject(change.after) ? change.after : undefined,
        afterUnknown: change.after_unknown,
        afterSensitive: change.after_sensitive,
      },
    ];
  });
}

const ACTIONS: readonly PlannedAction[] = ['no-op', 'read', 'create', 'update', 'delete', 'forget'];

/** A replacement is told as two actions, in the order in which they are done. */
function actionOf(actions: unknown): PlannedAction {
  const list: unknown[] = Array.isArray(actions) ? actions : [];
  if (list.length > 1) return 'replace';
  return ACTIONS.find((action) => action === list[0]) ?? 'no-op';
}

function tryObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
