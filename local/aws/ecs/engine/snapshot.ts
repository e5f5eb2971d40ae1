import { isOpen } from './service-hooks.ts';
import type { EcsState } from './state.ts';

const FORMAT = 'local-ecs/1';

/** The state as JSON. Dates of task definitions are kept as what they are. */
export function saveState(state: EcsState): string {
  return JSON.stringify({ format: FORMAT, state }, (_key, value: unknown) => {
    if (value === null || typeof value !== 'object') return value;
    // JSON.stringify gives dates as text already; the object that holds them is where they can still be told.
    const dates = Object.entries(value).filter(([, entry]) => entry instanceof Date);
    if (dates.length === 0) return value;
    return { ...value, ...Object.fromEntries(dates.map(([key, date]) => [key, { $date: Number(date) }])) };
  });
}

/** Reads what `saveState` wrote. Throws an error that says so for anything else. */
export function readState(text: string): EcsState {
  const read: unknown = JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && '$date' in value ? new Date(Number(value.$date)) : value,
  );
  if (typeof read === 'object' && read !== null && 'format' in read && 'state' in read) {
    // Our own writing: the format says which shape it has.
    if (read.format === FORMAT) return restartHooks(read.state as EcsState);
  }
  throw new Error(`This is no saved state of the local ECS; expected JSON with "format": "${FORMAT}".`);
}

/** The answer to a call that was under way is lost: the hook is called again. */
function restartHooks(state: EcsState): EcsState {
  for (const scope of Object.values(state.scopes)) {
    for (const { services } of Object.values(scope.clusters)) {
      for (const { serviceDeployments } of Object.values(services)) {
        for (const hook of serviceDeployments.flatMap(({ hooks }) => hooks)) {
          if (isOpen(hook) && hook.targetType === 'AWS_LAMBDA') hook.callAt ??= state.now;
        }
      }
    }
  }
  return state;
}
