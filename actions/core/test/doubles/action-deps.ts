import type { AwsAccess } from '../../src/aws-clients.ts';
import type { ActionDeps } from '../../src/github/action-run.ts';
import type { GitHubRun } from '../../src/github/github-run.ts';
import { type RecordingLog, recordingLog } from './recording-log.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

/** Dependencies with virtual time, a recording log and no credentials; `summaries` keeps the job's page. */
export interface TestDeps extends ActionDeps {
  readonly clock: VirtualClock;
  readonly log: RecordingLog;
  readonly summaries: string[];
  readonly asked: { role?: string | undefined; region?: string | undefined }[];
}

export function testDeps(
  change: {
    github?: Partial<GitHubRun>;
    env?: ActionDeps['env'];
    access?: AwsAccess;
    signal?: AbortSignal;
    idToken?: ActionDeps['idToken'];
  } = {},
): TestDeps {
  const summaries: string[] = [];
  const asked: TestDeps['asked'] = [];
  return {
    clock: virtualClock(),
    random: () => 0.5,
    log: recordingLog(),
    signal: change.signal ?? new AbortController().signal,
    github: { ...quietRun, ...change.github },
    env: change.env ?? {},
    summaries,
    asked,
    idToken: change.idToken ?? (async () => 'token'),
    summary: async (markdown) => void summaries.push(markdown),
    access: (who) => {
      asked.push(who);
      return { region: who.region ?? 'us-east-1', credentials: fixedKeys, ...change.access };
    },
  };
}

/** Keys that are no one's: every double accepts them. */
export const fixedKeys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-nobody' };

const quietRun: GitHubRun = {
  repository: 'acme/shop',
  sha: '4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2',
  ref: 'refs/heads/main',
  eventName: 'push',
  event: {},
  runId: '101',
  runAttempt: '1',
  serverUrl: 'https://github.com',
  apiUrl: 'https://api.github.com',
  workspace: '.',
  temp: '.',
};
