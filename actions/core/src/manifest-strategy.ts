/** Names as they are written in the manifest. */
export type StrategyType = 'rolling' | 'blue-green' | 'linear' | 'canary';

/** A stage at which a deployment waits for an answer. Absent fields are left to ECS. */
export interface PauseHook {
  /** In ECS's spelling, `POST_TEST_TRAFFIC_SHIFT`. */
  readonly stage: string;
  readonly timeoutMinutes?: number;
  readonly onTimeout?: 'rollback' | 'continue';
}

/** When ECS gives a deployment up. Absent fields are left to ECS, `rollback` to what the service has. */
export interface BreakerSetting {
  readonly enable: boolean;
  readonly rollback?: boolean;
  readonly threshold?: { readonly type: 'COUNT' | 'BOUNDED_PERCENT'; readonly value: number };
  readonly resetOnHealthyTask?: boolean;
}

/** How a deployment is to go. Only what the manifest writes is there; nothing else is sent to ECS. */
export interface DeploymentStrategy {
  readonly type: StrategyType;
  readonly minimumHealthyPercent?: number;
  readonly maximumPercent?: number;
  readonly bakeMinutes?: number;
  readonly stepPercent?: number;
  readonly stepBakeMinutes?: number;
  readonly canaryPercent?: number;
  readonly canaryBakeMinutes?: number;
  readonly circuitBreaker?: BreakerSetting;
  readonly alarms?: { readonly names: readonly string[]; readonly rollback: boolean };
  /** An empty list removes the pauses a service has. */
  readonly hooks?: readonly PauseHook[];
}

interface StrategyMap {
  readonly type: StrategyType;
  readonly 'minimum-healthy-percent'?: number;
  readonly 'maximum-percent'?: number;
  readonly 'bake-minutes'?: number;
  readonly 'step-percent'?: number;
  readonly 'step-bake-minutes'?: number;
  readonly 'canary-percent'?: number;
  readonly 'canary-bake-minutes'?: number;
  readonly 'circuit-breaker'?:
    | boolean
    | { rollback?: boolean; count?: number; percent?: number; 'reset-on-healthy-task'?: boolean };
  readonly alarms?: readonly string[] | { names: readonly string[]; rollback?: boolean };
  readonly hooks?: readonly (
    | string
    | { stage: string; 'timeout-minutes'?: number; 'on-timeout'?: 'rollback' | 'continue' }
  )[];
}

/** A checked `strategy` entry: its type alone, or with settings. */
export type StrategyEntry = StrategyType | StrategyMap;

/** Gives a checked entry its one shape. */
export function strategyOf(entry: StrategyEntry): DeploymentStrategy {
  if (typeof entry === 'string') return { type: entry };
  const { type, alarms, hooks, 'circuit-breaker': breaker } = entry;
  return present({
    type,
    minimumHealthyPercent: entry['minimum-healthy-percent'],
    maximumPercent: entry['maximum-percent'],
    bakeMinutes: entry['bake-minutes'],
    stepPercent: entry['step-percent'],
    stepBakeMinutes: entry['step-bake-minutes'],
    canaryPercent: entry['canary-percent'],
    canaryBakeMinutes: entry['canary-bake-minutes'],
    circuitBreaker: breaker === undefined ? undefined : breakerOf(breaker),
    alarms: alarms === undefined ? undefined : alarmsOf(alarms),
    hooks: hooks?.map(hookOf),
  });
}

function breakerOf(entry: NonNullable<StrategyMap['circuit-breaker']>): BreakerSetting {
  if (typeof entry === 'boolean') return { enable: entry };
  const { rollback, count, percent, 'reset-on-healthy-task': resetOnHealthyTask } = entry;
  const threshold =
    count !== undefined
      ? ({ type: 'COUNT', value: count } as const)
      : percent !== undefined
        ? ({ type: 'BOUNDED_PERCENT', value: percent } as const)
        : undefined;
  return present({ enable: true, rollback, threshold, resetOnHealthyTask });
}

function alarmsOf(entry: NonNullable<StrategyMap['alarms']>): DeploymentStrategy['alarms'] {
  if (isList(entry)) return { names: entry, rollback: true };
  return { names: entry.names, rollback: entry.rollback ?? true };
}

/** `Array.isArray` does not narrow a read-only list. */
function isList(entry: NonNullable<StrategyMap['alarms']>): entry is readonly string[] {
  return Array.isArray(entry);
}

function hookOf(entry: NonNullable<StrategyMap['hooks']>[number]): PauseHook {
  const { stage, ...rest } = typeof entry === 'string' ? { stage: entry } : entry;
  return present({
    stage: stage.replaceAll('-', '_').toUpperCase(),
    timeoutMinutes: rest['timeout-minutes'],
    onTimeout: rest['on-timeout'],
  });
}

function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/** A contradiction, with the way to it from the strategy; the message goes on after the strategy's name. */
interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const ONLY_OF: Readonly<Record<string, readonly StrategyType[]>> = {
  'bake-minutes': ['blue-green', 'linear', 'canary'],
  'step-percent': ['linear'],
  'step-bake-minutes': ['linear'],
  'canary-percent': ['canary'],
  'canary-bake-minutes': ['canary'],
  'circuit-breaker': ['rolling'],
};

/** ECS pauses a rolling deployment only before and after it starts tasks: it has no traffic to shift. */
const ROLLING_STAGES: readonly unknown[] = ['pre-scale-up', 'post-scale-up'];

/**
 * Names the settings of a strategy that do not go together, of an entry that may not be checked yet.
 * Source: ECS API, DeploymentConfiguration and its parts (read 2026-11).
 */
export function strategyFaults(entry: unknown): Contradiction[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [];
  const map = entry as Partial<Record<string, unknown>>;
  return [...misplaced(map), ...percentFaults(map), ...breakerFaults(map), ...hookFaults(map)];
}

function misplaced(map: Partial<Record<string, unknown>>): Contradiction[] {
  return Object.entries(ONLY_OF).flatMap(([key, types]) => {
    if (map[key] === undefined || map.type === undefined) return [];
    if (types.some((type) => type === map.type)) return [];
    const belongs = types.length === 1 ? `type ${types[0]}` : `the types ${types.join(', ')}`;
    return [{ path: [key], message: `.${key} belongs to ${belongs}, not to ${String(map.type)}` }];
  });
}

function percentFaults(map: Partial<Record<string, unknown>>): Contradiction[] {
  const { 'minimum-healthy-percent': least, 'maximum-percent': most } = map;
  const tenths = ['step-percent', 'canary-percent'].flatMap((key) => {
    const value = map[key];
    if (typeof value !== 'number' || Math.abs(value * 10 - Math.round(value * 10)) < 1e-9) return [];
    return [{ path: [key], message: `.${key} is ${value}: expected a multiple of 0.1` }];
  });
  const whole =
    typeof least === 'number' && !Number.isInteger(least)
      ? [
          {
            path: ['minimum-healthy-percent'],
            message: `.minimum-healthy-percent is ${least}: expected a whole number`,
          },
        ]
      : [];
  if (typeof least !== 'number' || typeof most !== 'number' || most > least) return [...tenths, ...whole];
  const message = `.maximum-percent is ${most} and minimum-healthy-percent ${least}: no task could be replaced; write a larger maximum, like 200`;
  return [...tenths, ...whole, { path: ['maximum-percent'], message }];
}

function breakerFaults({ 'circuit-breaker': breaker }: Partial<Record<string, unknown>>): Contradiction[] {
  const { count, percent } = ((typeof breaker === 'object' && breaker) || {}) as Record<string, unknown>;
  if (count === undefined || percent === undefined) return [];
  return [
    { path: ['circuit-breaker', 'percent'], message: '.circuit-breaker has count and percent: write one' },
  ];
}

function hookFaults({ type, hooks }: Partial<Record<string, unknown>>): Contradiction[] {
  if (!Array.isArray(hooks)) return [];
  const stages = hooks.map((hook: unknown) =>
    typeof hook === 'object' && hook !== null ? (hook as { stage?: unknown }).stage : hook,
  );
  return stages.flatMap((stage, i) => {
    const path = ['hooks', i];
    if (stages.indexOf(stage) < i)
      return [{ path, message: `.hooks[${i}] pauses at ${String(stage)} a second time` }];
    if (type !== 'rolling' || typeof stage !== 'string' || ROLLING_STAGES.includes(stage)) return [];
    return [
      {
        path,
        message: `.hooks[${i}] is ${stage}: a rolling deployment pauses only at ${ROLLING_STAGES.join(' or ')}`,
      },
    ];
  });
}
