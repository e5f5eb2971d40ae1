import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ActRun, runWorkflow } from '../github/act.ts';
import type { ActEvent } from '../github/act-log.ts';
import type { JobReport } from '../github/act-report.ts';
import type { CallerRepository } from '../github/caller-repository.ts';
import type { WorkflowRun } from '../github/oidc-claims.ts';
import type { OidcIssuer, TokenEndpoint } from '../github/oidc-issuer.ts';
import { ENVIRONMENT } from './caller.ts';

/** The pack's name to callers, as the starter workflows write it. */
export const PACK = { packName: 'OWNER/berth', ref: 'v1' };

/** The caller's repository on GitHub, by its names and immutable ids. */
export const REPOSITORY = { repository: 'acme/shop', repositoryId: 72, repositoryOwnerId: 41 };

/** What all runs of the caller share. */
export interface CallerRuns {
  issuer: OidcIssuer;
  caller: CallerRepository;
  packDir: string;
  actBin: string;
  node24Dir: string;
  /** Search path of the steps: the Docker client that can BuildKit, git, a shell. */
  path: string;
  /** Environment of the steps: where AWS and Docker are. */
  env: Record<string, string>;
  secrets: Record<string, string>;
  /** Folder that keeps the whole log of each run. */
  logFolder: string;
  signal: AbortSignal;
  now(): number;
}

/** One run of a workflow in the caller's repository. */
export interface CallerRunRequest {
  /** File name of the log, e.g. `02-good-version`. */
  name: string;
  workflow: 'deploy' | 'rollback';
  /** A push of these commits, or a dispatch with these inputs. */
  event:
    | { kind: 'push'; before: string; after: string }
    | { kind: 'dispatch'; sha: string; inputs: Record<string, string> };
  onEvent: (event: ActEvent) => void;
}

/** How it went, with the file that holds the whole log. */
export interface CallerRun extends ActRun {
  logFile: string;
}

/** Runs one of the caller's workflows as GitHub would, with act, and keeps its log. */
export async function runCallerWorkflow(runs: CallerRuns, request: CallerRunRequest): Promise<CallerRun> {
  const { event } = request;
  const sha = event.kind === 'push' ? event.after : event.sha;
  const startedAt = runs.now();
  const runId = String(startedAt);
  const timeline: string[] = [];
  const token = registerRun(runs.issuer, {
    ...{ sha, runId },
    workflow: request.workflow,
    eventName: event.kind === 'push' ? 'push' : 'workflow_dispatch',
  });
  const run = await runWorkflow({
    ...PACK,
    actBin: runs.actBin,
    node24Dir: runs.node24Dir,
    path: runs.path,
    callerDir: runs.caller.dir,
    packDir: runs.packDir,
    workflow: `.github/workflows/${request.workflow}.yml`,
    event: event.kind === 'push' ? 'push' : 'workflow_dispatch',
    eventPayload: payloadOf(event),
    env: {
      ...runs.env,
      GITHUB_RUN_ID: runId,
      ACTIONS_ID_TOKEN_REQUEST_URL: token.requestUrl('${{ github.job }}'),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: token.requestToken,
    },
    secrets: runs.secrets,
    signal: runs.signal,
    onEvent: (event) => {
      timeline.push(...timelineOf(event, runs.now() - startedAt));
      request.onEvent(event);
    },
  });
  await mkdir(runs.logFolder, { recursive: true });
  const logFile = join(runs.logFolder, `${request.name}.log`);
  await writeFile(
    logFile,
    `${run.log}\n\n${run.faults.join('\n')}\n\n${run.summary}\n\n${timeline.join('\n')}\n`,
  );
  return { ...run, logFile };
}

/** When a job's step began or ended, since the run was begun: `  3.2 s  Build-1  Check out: success`. */
function timelineOf(event: ActEvent, ms: number): string[] {
  if (event.kind !== 'step-started' && event.kind !== 'step-ended') return [];
  const word = event.kind === 'step-started' ? 'begins' : event.result;
  const job = event.job.split('/').pop();
  return [`${(ms / 1000).toFixed(1).padStart(6)} s  ${job}  ${event.stage} ${event.step}: ${word}`];
}

/** Tells the issuer of a run of the caller, so that its jobs get tokens as on GitHub. */
export function registerRun(
  issuer: OidcIssuer,
  run: Pick<WorkflowRun, 'sha' | 'runId' | 'workflow' | 'eventName'>,
): TokenEndpoint {
  // Which job has the environment: what GitHub reads from the called workflow and act does not know.
  const inPack = {
    jobWorkflowRef: `${PACK.packName}/.github/workflows/${run.workflow}.yml@refs/tags/${PACK.ref}`,
  };
  const inEnvironment = { ...inPack, environment: ENVIRONMENT };
  return issuer.register({
    ...REPOSITORY,
    ...run,
    repositoryVisibility: 'private',
    ref: 'refs/heads/main',
    workflowRef: `${REPOSITORY.repository}/.github/workflows/${run.workflow}.yml@refs/heads/main`,
    runNumber: 1,
    runAttempt: 1,
    actor: 'octocat',
    actorId: 583231,
    runnerEnvironment: 'github-hosted',
    jobs: { build: inPack, deploy: inEnvironment, rollback: inEnvironment },
  });
}

/** Output of a step, looked up in the one job that has such a step. */
export function outputOf(
  run: { jobs: readonly JobReport[] },
  step: string,
  output: string,
): string | undefined {
  return run.jobs.map((job) => job.outputs[step]?.[output]).find((value) => value !== undefined);
}

function payloadOf(event: CallerRunRequest['event']): Record<string, unknown> {
  const repository = {
    full_name: REPOSITORY.repository,
    default_branch: 'main',
    id: REPOSITORY.repositoryId,
  };
  if (event.kind === 'push')
    return { ref: 'refs/heads/main', before: event.before, after: event.after, repository };
  return { ref: 'refs/heads/main', inputs: event.inputs, repository };
}
