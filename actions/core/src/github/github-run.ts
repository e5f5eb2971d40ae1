import { readFileSync } from 'node:fs';

/** What the runner tells about this run, read once at the entry. Absent values are empty texts. */
export interface GitHubRun {
  readonly repository: string;
  readonly sha: string;
  readonly ref: string;
  readonly eventName: string;
  /** The event's payload as GitHub sent it; an empty object when there is none. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly runId: string;
  readonly runAttempt: string;
  readonly serverUrl: string;
  /** Where the REST API is, without a slash at its end. */
  readonly apiUrl: string;
  readonly workspace: string;
  /** A folder of this job, emptied after it. */
  readonly temp: string;
}

/** Reads the run from the runner's environment variables. */
export function readGitHubRun(env: Readonly<Record<string, string | undefined>>): GitHubRun {
  return {
    repository: env.GITHUB_REPOSITORY ?? '',
    sha: env.GITHUB_SHA ?? '',
    ref: env.GITHUB_REF ?? '',
    eventName: env.GITHUB_EVENT_NAME ?? '',
    event: readEvent(env.GITHUB_EVENT_PATH),
    runId: env.GITHUB_RUN_ID ?? '',
    runAttempt: env.GITHUB_RUN_ATTEMPT ?? '',
    serverUrl: env.GITHUB_SERVER_URL ?? 'https://github.com',
    apiUrl: env.GITHUB_API_URL ?? 'https://api.github.com',
    workspace: env.GITHUB_WORKSPACE ?? '.',
    temp: env.RUNNER_TEMP ?? env.GITHUB_WORKSPACE ?? '.',
  };
}

function readEvent(path: string | undefined): Record<string, unknown> {
  if (!path) return {};
  try {
    const event: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof event === 'object' && event !== null ? (event as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
