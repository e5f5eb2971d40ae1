import { createHash } from 'node:crypto';
import type { ServiceReading } from '../../core/src/decide/deployment-reading.ts';
import { selectLogLines } from '../../core/src/decide/log-line.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { explainStop } from '../../core/src/decide/stop-reason.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { judgeTaskEnd, type TaskVerdict } from '../../core/src/decide/task-end.ts';
import { lastPartOf } from '../../core/src/ecs/arn.ts';
import {
  findOneOffTasks,
  type KnownTask,
  type OneOffTask,
  runOneOffTask,
} from '../../core/src/ecs/one-off-task.ts';
import { UserError } from '../../core/src/errors.ts';
import type { FollowDeps } from '../../core/src/follow.ts';
import type { Migration } from '../../core/src/manifest-migration.ts';
import { renderCause } from '../../core/src/report/cause-block.ts';
import { followTask, type TaskOutcome } from './follow-task.ts';

/** One migration: of which service, on which revision, and how. */
export interface MigrationRequest {
  service: string;
  before: ServiceReading;
  taskDefinitionArn: string;
  document: TaskDefinitionDocument;
  migration: Migration;
  /** Tags for the task; `deployed-by-run` tells a run that starts again what it has done already. */
  tags: Readonly<Record<string, string>>;
  /** Tells two tries of one run apart. */
  attempt: string;
}

/** What a migration that went well leaves for the summary. */
export interface MigrationResult {
  taskArn: string;
  seconds: number;
  text: string;
}

const SHOWN_LINES = 12;

/**
 * Runs the migration of a service on its new revision and follows it to its end; throws
 * `DEPLOYMENT_MIGRATION_FAILED` with the cause on one screen when it is not good.
 *
 * Safe to run again after a kill: a task that runs already is followed, and one that this very run has ended well
 * is not repeated. A failed one is.
 */
export async function runMigration(request: MigrationRequest, deps: FollowDeps): Promise<MigrationResult> {
  const task = taskOf(request, deps.clock.now());
  const startedAt = deps.clock.now();
  const known = await findOneOffTasks(deps.ecs, task);
  const running = known.find(({ isStopped }) => !isStopped);
  const earlier = running ? undefined : known.find((one) => isOfThisRun(one, task));
  const taskArn = running?.taskArn ?? earlier?.taskArn ?? (await runOneOffTask(deps.ecs, task, deps.clock));
  tellStart(request, taskArn, { running: running !== undefined, earlier: earlier !== undefined }, deps);
  const outcome = await followTask(followedOf(request, taskArn, deps.clock.now()), deps);
  const verdict = judgeTaskEnd(outcome.end, request.migration.container);
  if (earlier && !(outcome.kind === 'stopped' && verdict.good)) {
    deps.log.info(`${request.service}: that one failed, so the migration runs again`);
    return runAnew(request, task, startedAt, deps);
  }
  return conclude(request, taskArn, outcome, verdict, startedAt, deps);
}

async function runAnew(request: MigrationRequest, task: OneOffTask, startedAt: number, deps: FollowDeps) {
  const taskArn = await runOneOffTask(deps.ecs, task, deps.clock);
  tellStart(request, taskArn, { running: false, earlier: false }, deps);
  const outcome = await followTask(followedOf(request, taskArn, deps.clock.now()), deps);
  const verdict = judgeTaskEnd(outcome.end, request.migration.container);
  return conclude(request, taskArn, outcome, verdict, startedAt, deps);
}

/** The name depends on what is run and where, so that a second run finds the first one's task. */
function taskOf(request: MigrationRequest, now: number): OneOffTask {
  const { before, taskDefinitionArn, migration, tags, attempt } = request;
  if (!before.settings) throw new Error('a service is read with its settings');
  const { command, container, environment } = migration;
  const content = JSON.stringify([
    before.serviceArn,
    taskDefinitionArn,
    command,
    container,
    Object.entries(environment).sort(),
  ]);
  const startedBy = `berth-migrate/${hash(content).slice(0, 16)}`;
  return {
    clusterArn: before.clusterArn,
    taskDefinitionArn,
    settings: before.settings,
    container,
    command,
    environment,
    startedBy,
    clientToken: hash([startedBy, tags['deployed-by-run'] ?? '', attempt, String(now)].join(' ')).slice(
      0,
      32,
    ),
    tags,
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Without a run of GitHub nothing tells whether an earlier task belongs to this try: then it runs again. */
function isOfThisRun({ isStopped, tags }: KnownTask, task: OneOffTask): boolean {
  const run = task.tags['deployed-by-run'];
  return isStopped && run !== undefined && tags['deployed-by-run'] === run;
}

function followedOf(
  { service, before, document, migration }: MigrationRequest,
  taskArn: string,
  now: number,
) {
  const deadlineAt = now + migration.timeoutMinutes * 60_000;
  return {
    service,
    clusterArn: before.clusterArn,
    taskArn,
    container: migration.container,
    document,
    deadlineAt,
  };
}

function tellStart(
  { service, taskDefinitionArn, migration }: MigrationRequest,
  taskArn: string,
  { running, earlier }: { running: boolean; earlier: boolean },
  { log }: FollowDeps,
): void {
  const id = lastPartOf(taskArn);
  const what = `${JSON.stringify(migration.command)} on ${familyRevisionOf(taskDefinitionArn)}, task ${id}`;
  if (running) log.info(`${service}: the migration runs already, following it: ${what}`);
  else if (earlier) log.info(`${service}: this run has had a migration before: ${what}`);
  else log.info(`${service}: migrating with ${what}`);
}

function conclude(
  request: MigrationRequest,
  taskArn: string,
  outcome: TaskOutcome,
  verdict: TaskVerdict,
  startedAt: number,
  deps: FollowDeps,
): MigrationResult {
  const { service, migration } = request;
  for (const { name, text } of verdict.containers) deps.log.info(`${service}: container ${name} ${text}`);
  if (outcome.kind === 'stopped' && verdict.good) {
    const seconds = (deps.clock.now() - startedAt) / 1_000;
    return {
      taskArn,
      seconds,
      text: verdict.containers.map(({ name, text }) => `${name} ${text}`).join('; '),
    };
  }
  const id = lastPartOf(taskArn);
  if (outcome.kind === 'cancelled') {
    throw new UserError(
      'DEPLOYMENT_CANCELLED',
      `${service}: cancelled while the migration was running. The service was not deployed; task ${id} runs on, and the next run follows it. To stop it: aws ecs stop-task --cluster ${lastPartOf(request.before.clusterArn)} --task ${id}`,
    );
  }
  const why =
    outcome.kind === 'timed-out'
      ? `it had not ended after ${migration.timeoutMinutes} minutes and was stopped`
      : outcome.kind === 'lost'
        ? `ECS no longer shows how task ${id} goes`
        : verdict.why;
  throw new UserError(
    'DEPLOYMENT_MIGRATION_FAILED',
    [
      `${service}: the migration failed, so nothing was deployed: ${why}.`,
      ...causeLines(outcome, migration.container),
    ].join('\n'),
  );
}

/** The cause on one screen, from the container that failed; its lines were read while it ran. */
function causeLines(outcome: TaskOutcome, working: string): string[] {
  const { task, linesByContainer, placeByContainer } = outcome;
  const stop = task && explainStop(task);
  if (!stop) return [];
  const container = stop.exitCode === 0 || stop.container === undefined ? working : stop.container;
  const logPlace = placeByContainer.get(container);
  const logLines = selectLogLines(linesByContainer.get(container) ?? [], SHOWN_LINES);
  const logNote = logPlace
    ? 'the container wrote nothing'
    : `container ${container} does not log to CloudWatch Logs`;
  return renderCause({
    stop,
    events: [],
    alarmNames: [],
    logLines,
    ...(logPlace === undefined ? {} : { logPlace }),
    ...(logLines.length > 0 ? {} : { logNote }),
  });
}
