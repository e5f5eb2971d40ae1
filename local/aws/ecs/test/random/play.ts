import { ECSServiceException, type ServiceDeployment } from '@aws-sdk/client-ecs';
import { AwsFault } from '../../../fault.ts';
import { assertReading, type Reading } from './rollout-properties.ts';
import { configurationOf, type Move, type Scenario } from './scenario.ts';
import { call, openService, type Play, RULE, read, readBy, reopen, type Way, WEB } from './service.ts';

const MOST_STEPS = 160;
const MOST_TOLD = 120;
/** Duplicates of an event are withheld for six hours; the restart back-off may add a quarter of one. */
const LONGEST_SILENCE_MS = 6.5 * 3_600_000;

/** What came of a scenario. */
export interface Outcome {
  /** Of the newest service deployment. */
  status: string;
  /** It ended; else it waits for a reason it told, or tries again and again. */
  hasEnded: boolean;
  /** Every reading on the way that showed something new, as text with its moment. */
  story: string[];
}

export interface PlayOptions {
  way: Way;
  /** Saves everything at this step and goes on with what is loaded from it. */
  saveAt?: number;
  /** Whether the story is written down; it is broken off early, with what has been told by then. */
  isTold?: boolean;
}

/** Plays a scenario from moment to moment; throws an error that names the property which does not hold. */
export async function playScenario(scenario: Scenario, options: PlayOptions): Promise<Outcome> {
  const play = await begin(scenario, options.way);
  const story: string[] = [];
  let before: Reading | undefined;
  let told = '';
  for (let step = 0; goesOn(step, before, options); step++) {
    if (step === options.saveAt) reopen(play);
    const reading = await read(play, step);
    assertReading(before, reading);
    if (options.isTold) {
      const text = textOf(reading);
      if (text !== told) story.push(`${reading.now} ${text}`);
      told = text;
    }
    before = reading;
    const status = reading.deployments[0]?.status ?? '';
    if (isOver(play, reading)) return { status, hasEnded: true, story };
    await next(play);
  }
  if (before === undefined || (!options.isTold && waitsFor(before) === undefined)) {
    throw new Error(`It neither ends nor says what it waits for: ${JSON.stringify(before)}`);
  }
  return { status: before.deployments[0]?.status ?? '', hasEnded: false, story };
}

/** A deleted service is followed to its end, whose last tasks no list shows any more. */
function goesOn(step: number, before: Reading | undefined, { isTold }: PlayOptions): boolean {
  if (isTold) return step < MOST_TOLD;
  return step < (before?.service.status === 'DRAINING' ? 2 : 1) * MOST_STEPS;
}

/** What is live at a reading, as text without its moment: what went on inside, unseen, is no part of a story. */
function textOf({ now: _, areEventsRead: __, healthy, service, tasks, ...rest }: Reading): string {
  const events = service.events?.slice(0, 5);
  const live = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  return JSON.stringify({ ...rest, live, healthy: [...healthy], service: { ...service, events } });
}

/** A service that stands on its first version and has just been told to go to the second. */
async function begin(scenario: Scenario, way: Way): Promise<Play> {
  const play = await openService(scenario, way);
  for (;;) {
    const { service } = await read(play, 1);
    if (service.deployments?.[0]?.rolloutState === 'COMPLETED') break;
    await next(play);
  }
  if (way === 'sdk') play.ecs.faults.add(scenario.faults, 1);
  await attempt(play, 'UpdateService', {
    ...WEB,
    taskDefinition: 'web:2',
    deploymentConfiguration: configurationOf(scenario),
  });
  play.moves = scenario.moves.toSorted((a, b) => a.afterMs - b.afterMs);
  play.startedAt = play.ecs.clock.now();
  return play;
}

/** A call that may be refused or get lost: people act on what they saw a moment ago. */
async function attempt(play: Play, operation: string, input: object): Promise<void> {
  try {
    await call(play, operation, input);
  } catch (error) {
    if (error instanceof AwsFault && error.status < 500) return;
    const isExpected =
      error instanceof ECSServiceException ||
      (error instanceof Error && /socket hang up|ECONNRESET|reset/i.test(`${error.name} ${error.message}`));
    if (play.way !== 'sdk' || !isExpected || /broke/.test(String(error))) throw error;
  }
}

/** Goes to the next moment at which something happens by itself or somebody acts. */
async function next(play: Play): Promise<void> {
  const { ecs, moves, startedAt } = play;
  const now = ecs.clock.now();
  const dueAt = ecs.ecs.nextDueAt() ?? Number.POSITIVE_INFINITY;
  const [move] = moves;
  if (move === undefined || startedAt + move.afterMs > dueAt) {
    if (dueAt !== Number.POSITIVE_INFINITY) await ecs.clock.sleep(dueAt - now);
    return;
  }
  moves.shift();
  await ecs.clock.sleep(startedAt + move.afterMs - now);
  await act(play, move.what);
}

async function act(play: Play, what: Move['what']): Promise<void> {
  const newest = async () => (await readBy(play)).deployments[0];
  switch (what.kind) {
    case 'scale':
      return attempt(play, 'UpdateService', { ...WEB, desiredCount: what.desiredCount });
    case 'deploy':
      return attempt(play, 'UpdateService', { ...WEB, taskDefinition: what.image });
    case 'force':
      return attempt(play, 'UpdateService', { ...WEB, forceNewDeployment: true });
    case 'delete':
      return attempt(play, 'DeleteService', { ...WEB, force: true });
    case 'stop':
      return attempt(play, 'StopServiceDeployment', pick(await newest()));
    case 'continue': {
      const deployment = await newest();
      const hook = deployment?.lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION');
      if (hook === undefined) return;
      return attempt(play, 'ContinueServiceDeployment', {
        ...pick(deployment),
        hookId: hook.hookId,
        action: what.action,
      });
    }
    case 'stop-task': {
      const { tasks } = await readBy(play);
      const running = tasks.find(({ desiredStatus }) => desiredStatus === 'RUNNING');
      if (running === undefined) return;
      return attempt(play, 'StopTask', { cluster: 'shop', task: running.taskArn });
    }
    case 'remove-rule':
      play.ecs.trafficRules.remove(RULE);
  }
}

const pick = (deployment: ServiceDeployment | undefined) => ({
  serviceDeploymentArn: deployment?.serviceDeploymentArn ?? 'arn:aws:ecs:::service-deployment/shop/web/none',
});

/** Nothing more is to come but what comes again and again. */
function isOver({ moves }: Play, { service, deployments: [newest] }: Reading): boolean {
  if (moves.length > 0 || newest?.finishedAt === undefined) return false;
  if (service.status === 'INACTIVE') return true;
  const [primary, ...older] = service.deployments ?? [];
  if (primary?.rolloutState === 'FAILED') return service.pendingCount === 0;
  return primary?.rolloutState === 'COMPLETED' && older.length === 0;
}

/** What a deployment that goes on waits for, as the API tells it. */
function waitsFor({ now, service, deployments: [newest] }: Reading): string | undefined {
  if (newest === undefined) return undefined;
  if (newest.finishedAt !== undefined) return newest.status;
  if (newest.lifecycleStage !== undefined) return newest.lifecycleStage;
  const waiting = newest.lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION');
  if (waiting !== undefined) return `hook ${waiting.hookId}`;
  const told = service.events?.find(
    ({ message = '', createdAt }) =>
      Number(createdAt) > now - LONGEST_SILENCE_MS &&
      /unable to|is unhealthy|has started|failed container/.test(message),
  )?.message;
  return service.deployments?.[0]?.rolloutState === 'IN_PROGRESS' ? told : undefined;
}

/**
 * Plays a scenario twice, the second time with everything saved at step `saveAt` and loaded into another ECS.
 * Throws where the two stories differ.
 */
export async function assertSameAfterLoad(scenario: Scenario, saveAt: number): Promise<void> {
  const tell = { way: 'operations', isTold: true } as const;
  const { story } = await playScenario(scenario, tell);
  const { story: second } = await playScenario(scenario, { ...tell, saveAt });
  // Where both are broken off, one may have been told a little longer.
  const length = Math.min(story.length, second.length);
  const at = story.slice(0, length).findIndex((text, index) => text !== second[index]);
  if (at < 0) return;
  throw new Error(`Saved at step ${saveAt}, it goes on otherwise:\n${story[at]}\n${second[at]}`);
}
