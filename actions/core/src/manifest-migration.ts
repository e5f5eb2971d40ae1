/** A one-off task that runs on the new revision before a service is updated. */
export interface Migration {
  /** Words, not a shell line. */
  readonly command: readonly string[];
  /** Name of the container that runs it; the task's other containers start beside it. */
  readonly container: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMinutes: number;
}

const DEFAULT_TIMEOUT_MINUTES = 15;

/** Fills in the defaults of a checked `migrate` entry; `container` is the service's own. */
export function migrationOf(
  entry: {
    readonly command: readonly string[];
    readonly container?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly 'timeout-minutes'?: number;
  },
  container: string,
): Migration {
  return {
    command: entry.command,
    container: entry.container ?? container,
    environment: entry.environment ?? {},
    timeoutMinutes: entry['timeout-minutes'] ?? DEFAULT_TIMEOUT_MINUTES,
  };
}
