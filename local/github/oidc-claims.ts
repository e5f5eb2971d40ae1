/** What GitHub knows of one workflow run; the source of its OIDC tokens' claims. */
export interface WorkflowRun {
  /** `OWNER/REPO`. */
  repository: string;
  repositoryId: number;
  repositoryOwnerId: number;
  repositoryVisibility: 'public' | 'private' | 'internal';
  /** `refs/heads/main`, `refs/tags/v1` or `refs/pull/7/merge`. */
  ref: string;
  /** The commit of the run. */
  sha: string;
  /** `name:` of the caller's workflow file. */
  workflow: string;
  /** The caller's workflow, e.g. `shop/app/.github/workflows/deploy.yml@refs/heads/main`. */
  workflowRef: string;
  runId: string;
  runNumber: number;
  runAttempt: number;
  actor: string;
  actorId: number;
  /** `push`, `workflow_dispatch`, `pull_request` … */
  eventName: string;
  runnerEnvironment: 'github-hosted' | 'self-hosted';
  /** Claims that differ between the jobs of the run, by job id. */
  jobs?: Record<string, JobOfRun>;
}

export interface JobOfRun {
  /** GitHub environment of the job; it takes the place of the ref in the subject. */
  environment?: string;
  /** The called workflow, e.g. `OWNER/berth/.github/workflows/deploy.yml@refs/tags/v1`; default the caller's. */
  jobWorkflowRef?: string;
  jobWorkflowSha?: string;
}

/** Every claim a token can have; `environment` is the only one that may be absent. */
export const CLAIM_NAMES: readonly string[] = [
  ...['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'ref', 'sha'],
  ...['repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'repository_visibility'],
  ...['run_id', 'run_number', 'run_attempt', 'actor', 'actor_id', 'event_name', 'environment'],
  ...['workflow', 'workflow_ref', 'workflow_sha', 'job_workflow_ref', 'job_workflow_sha'],
  ...['head_ref', 'base_ref', 'ref_type', 'ref_protected', 'runner_environment'],
];

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

/** GitHub's tokens live five minutes. */
const LIFE_SECONDS = 300;
/** They are valid from ten minutes before they are issued, for runners whose clock is behind. */
const BACKDATED_SECONDS = 600;

/**
 * Builds the subject in its immutable form: `repo:ORG@ORGID/REPO@REPOID:` and then `environment:NAME`,
 * `pull_request` or `ref:REF`, the first that applies. A colon in an environment's name becomes `%3A`.
 * Source: GitHub docs, "OpenID Connect reference", immutable subject claims (July 2026).
 */
export function subjectOf(run: WorkflowRun, job: JobOfRun = {}): string {
  const [owner, name] = splitRepository(run.repository);
  const repository = `repo:${owner}@${run.repositoryOwnerId}/${name}@${run.repositoryId}`;
  if (job.environment !== undefined) {
    return `${repository}:environment:${job.environment.replaceAll(':', '%3A')}`;
  }
  return run.eventName === 'pull_request' ? `${repository}:pull_request` : `${repository}:ref:${run.ref}`;
}

/**
 * Builds all claims of a token for one job of a run, issued at `nowMs`. An unknown job has the run's own
 * claims. Without an audience GitHub takes the owner's page.
 */
export function claimsOf(
  run: WorkflowRun,
  options: { jobId: string; audience?: string; nowMs: number; tokenId: string },
): Record<string, string | number> {
  const job = run.jobs?.[options.jobId] ?? {};
  const [owner] = splitRepository(run.repository);
  const issuedAt = Math.floor(options.nowMs / 1000);
  return {
    jti: options.tokenId,
    sub: subjectOf(run, job),
    aud: options.audience ?? `https://github.com/${owner}`,
    ref: run.ref,
    sha: run.sha,
    repository: run.repository,
    repository_owner: owner,
    repository_owner_id: String(run.repositoryOwnerId),
    repository_id: String(run.repositoryId),
    repository_visibility: run.repositoryVisibility,
    run_id: run.runId,
    run_number: String(run.runNumber),
    run_attempt: String(run.runAttempt),
    actor: run.actor,
    actor_id: String(run.actorId),
    workflow: run.workflow,
    workflow_ref: run.workflowRef,
    workflow_sha: run.sha,
    job_workflow_ref: job.jobWorkflowRef ?? run.workflowRef,
    job_workflow_sha: job.jobWorkflowSha ?? run.sha,
    head_ref: '',
    base_ref: '',
    event_name: run.eventName,
    ref_protected: 'false',
    ref_type: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    runner_environment: run.runnerEnvironment,
    ...(job.environment === undefined ? {} : { environment: job.environment }),
    iss: GITHUB_ISSUER,
    iat: issuedAt,
    nbf: issuedAt - BACKDATED_SECONDS,
    exp: issuedAt + LIFE_SECONDS,
  };
}

function splitRepository(repository: string): [owner: string, name: string] {
  const [owner, name, ...rest] = repository.split('/');
  if (owner && name && rest.length === 0) return [owner, name];
  throw new TypeError(`repository is '${repository}'; OWNER/REPO was expected.`);
}
