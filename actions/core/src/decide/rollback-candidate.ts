import type { DeploymentHistoryEntry } from './deployment-reading.ts';
import { type HealthyLine, type Success, traceHealthyLine } from './healthy-line.ts';
import type {
  RollbackAnswer,
  RollbackQuestion,
  SkippedRevision,
  TaskDefinitionFacts,
} from './rollback-question.ts';
import { familyRevisionOf } from './rollback-target.ts';

/** Service revisions are described up to so many a call. */
const REVISIONS_A_CALL = 20;

/** Asked for again within this time after a rollback, `previous` is the same rollback, not one step further. */
const SAME_ROLLBACK_MS = 3_600_000;

/** Begins the mark that a rollback leaves, so that it can be told from the mark of a failed test. */
export const LEFT_MARK = 'rolled back:';

/**
 * Chooses what to roll back to.
 *
 * `previous` is the newest SUCCESSFUL service deployment whose target has neither the current service
 * revision nor the current task definition (or what that is a copy of), was not left by going back, is not
 * marked known-bad, and can still be deployed. A named target is taken exactly, unless it is known-bad or deleted. `copy` says that the task definition is
 * INACTIVE, so that a copy must be registered. A fact that has not been read yet is asked for, newest first,
 * so that the caller reads no more than the answer needs.
 */
export function selectRollbackCandidate(question: RollbackQuestion): RollbackAnswer {
  switch (question.to.kind) {
    case 'previous':
      return selectPrevious(question);
    case 'task-definition':
      return judgeNamed(question, question.to.name);
    case 'service-revision': {
      const { arn } = question.to;
      const taskDefinition = question.taskDefinitionOf.get(arn);
      if (taskDefinition === undefined) return { kind: 'needs-revisions', serviceRevisionArns: [arn] };
      if (taskDefinition === null)
        return none(`${arn} does not exist (ECS keeps service revisions for 90 days)`);
      return judgeNamed(question, taskDefinition, arn);
    }
    case 'before':
      return selectBefore(question, question.to.at);
    case 'commit':
      return selectOfCommit(question, question.to.prefix);
    case 'digest':
      return selectOfDigest(question, question.to.digest);
  }
}

/** What served at a moment is what the newest deployment that had succeeded by then brought. */
function selectBefore(question: RollbackQuestion, at: number): RollbackAnswer {
  const endOf = ({ finishedAt, createdAt }: DeploymentHistoryEntry): number => finishedAt ?? createdAt;
  const successes = question.history
    .filter((entry) => entry.status === 'SUCCESSFUL' && entry.targetServiceRevisionArn)
    .sort((a, b) => endOf(b) - endOf(a));
  const serving = successes.find((entry) => endOf(entry) <= at)?.targetServiceRevisionArn;
  if (serving) return judgeRevision(question, serving, 'it served at that time');
  const first = successes.at(-1);
  if (!first) return none(whyNone(0, 0));
  return none(`the history begins with the deployment that ended ${new Date(endOf(first)).toISOString()}`);
}

function selectOfDigest(question: RollbackQuestion, digest: string): RollbackAnswer {
  const successes = successfulRevisions(question.history, undefined);
  if (successes.some((arn) => question.taskDefinitionOf.get(arn) === undefined)) {
    return needsRevisions(successes, question.taskDefinitionOf);
  }
  const matching = successes.filter((arn) =>
    question.digestsOf?.get(arn)?.some((one) => one.startsWith(digest)),
  );
  const found = matching.flatMap((arn) => question.digestsOf?.get(arn) ?? []);
  const digests = new Set(found.filter((one) => one.startsWith(digest)));
  if (digests.size > 1) return none(`${digest} fits ${[...digests].join(' and ')}: give more of it`);
  const [newest] = matching;
  if (!newest) return none(`no successful deployment of this service ran ${digest} (ECS keeps 90 days)`);
  return judgeRevision(question, newest, `it ran ${digest.slice(0, 19)}`);
}

function selectOfCommit(question: RollbackQuestion, prefix: string): RollbackAnswer {
  const { taskDefinitionOf, taskDefinitions } = question;
  const successes = successfulRevisions(question.history, undefined);
  if (successes.some((arn) => taskDefinitionOf.get(arn) === undefined)) {
    return needsRevisions(successes, taskDefinitionOf);
  }
  const known = successes.filter((arn) => taskDefinitionOf.get(arn) !== null);
  const commitOf = (arn: string): string | undefined =>
    taskDefinitions.get(taskDefinitionOf.get(arn) ?? '')?.commit;
  const unread = known.find((arn) => !taskDefinitions.has(taskDefinitionOf.get(arn) ?? ''));
  if (unread) return { kind: 'needs-task-definition', taskDefinition: taskDefinitionOf.get(unread) ?? '' };
  const matching = known.filter((arn) => commitOf(arn)?.startsWith(prefix));
  const commits = new Set(matching.map(commitOf));
  if (commits.size > 1) return none(`sha:${prefix} fits ${[...commits].join(' and ')}: give more of it`);
  const [newest] = matching;
  if (!newest) {
    const others = [...new Set(known.map(commitOf))].flatMap((one) => one?.slice(0, 12) ?? []);
    const hint = others.length > 0 ? `; it has run ${others.slice(0, 5).join(', ')}` : '';
    return none(`no successful deployment of this service is tagged with commit ${prefix}${hint}`);
  }
  return judgeRevision(question, newest, `it is of commit ${commitOf(newest)?.slice(0, 12)}`);
}

function judgeRevision(question: RollbackQuestion, arn: string, why: string): RollbackAnswer {
  const taskDefinition = question.taskDefinitionOf.get(arn);
  if (taskDefinition === undefined) return { kind: 'needs-revisions', serviceRevisionArns: [arn] };
  if (taskDefinition === null) return none(`${arn} can no longer be described`);
  const answer = judgeNamed(question, taskDefinition, arn);
  return answer.kind === 'candidate' ? { ...answer, why } : answer;
}

function selectPrevious(question: RollbackQuestion): RollbackAnswer {
  const { current, taskDefinitionOf, taskDefinitions, askedAt } = question;
  const all = successfulRevisions(question.history, undefined);
  if (all.some((arn) => !taskDefinitionOf.has(arn))) return needsRevisions(all, taskDefinitionOf);
  const facts = taskDefinitions.get(current.taskDefinitionArn);
  if (!facts) return { kind: 'needs-task-definition', taskDefinition: current.taskDefinitionArn };
  const contentOf = (arn: string): string =>
    arn === current.taskDefinitionArn ? (facts.copiedFrom ?? arn) : arn;
  const line = traceHealthyLine(successesOf(question, contentOf));
  const choice = { question, line, successes: all, content: contentOf(current.taskDefinitionArn) };
  return askedAt === undefined ? walkBack(choice) : (sameRollback(choice, askedAt) ?? walkBack(choice));
}

interface Choice {
  question: RollbackQuestion;
  line: HealthyLine;
  /** Newest first. */
  successes: string[];
  /** The content that serves. */
  content: string;
}

function successesOf(
  { history, taskDefinitionOf }: RollbackQuestion,
  contentOf: (taskDefinition: string) => string,
): Success[] {
  return history
    .filter(({ status }) => status === 'SUCCESSFUL')
    .sort((a, b) => a.createdAt - b.createdAt)
    .flatMap(({ targetServiceRevisionArn, finishedAt, createdAt }) => {
      const taskDefinition = taskDefinitionOf.get(targetServiceRevisionArn ?? '');
      return taskDefinition ? [{ content: contentOf(taskDefinition), at: finishedAt ?? createdAt }] : [];
    });
}

/** Whoever asks within the hour means the rollback that has taken place, unless a test condemned what it left. */
function sameRollback(choice: Choice, askedAt: number): RollbackAnswer | undefined {
  const { question, line, content } = choice;
  const back = line.endsInReturn ? line.returns.at(-1) : undefined;
  if (!back || back.to !== content || back.at < askedAt - SAME_ROLLBACK_MS) return undefined;
  const left = question.taskDefinitions.get(back.from);
  if (!left) return { kind: 'needs-task-definition', taskDefinition: back.from };
  if (left.knownBad !== undefined && !left.knownBad.startsWith(LEFT_MARK)) return undefined;
  const further = walkBack(choice);
  if (further.kind === 'needs-task-definition' || further.kind === 'needs-revisions') return further;
  const [from, to] = [back.from, back.to].map(familyRevisionOf);
  const name =
    further.kind === 'candidate' ? `, like "to: ${familyRevisionOf(further.taskDefinitionArn)}"` : '';
  const why = `it went back from ${from} to ${to} at ${new Date(back.at).toISOString()}, within the last hour, so this is the same rollback; to go further back, name the revision${name}`;
  return { kind: 'current', taskDefinitionArn: question.current.taskDefinitionArn, why };
}

/** The newest success that can be gone back to; what is passed over is said. */
function walkBack({ question, line, successes, content }: Choice): RollbackAnswer {
  const { current, taskDefinitionOf, taskDefinitions } = question;
  const skipped: SkippedRevision[] = [];
  const seen = new Set([current.taskDefinitionArn, content]);
  const others = successes.filter((arn) => arn !== current.serviceRevisionArn);
  for (const serviceRevisionArn of others) {
    const taskDefinitionArn = taskDefinitionOf.get(serviceRevisionArn) ?? null;
    if (taskDefinitionArn === null) {
      skipped.push({ revision: serviceRevisionArn, why: 'ECS can no longer describe this service revision' });
      continue;
    }
    if (seen.has(taskDefinitionArn)) continue;
    seen.add(taskDefinitionArn);
    const facts = taskDefinitions.get(taskDefinitionArn);
    if (!facts) return { kind: 'needs-task-definition', taskDefinition: taskDefinitionArn };
    const obstacle = obstacleOf(facts) ?? leftObstacle(line, taskDefinitionArn);
    if (obstacle) {
      skipped.push({ revision: familyRevisionOf(taskDefinitionArn), why: obstacle });
      continue;
    }
    const why =
      'newest revision that deployed successfully, is not the current one and is not known to be bad';
    const copy = facts.status === 'INACTIVE';
    return { kind: 'candidate', taskDefinitionArn, serviceRevisionArn, copy, why, skipped };
  }
  return none(whyNone(others.length, skipped.length), skipped);
}

function leftObstacle({ left }: HealthyLine, taskDefinitionArn: string): string | undefined {
  const back = left.get(taskDefinitionArn);
  return (
    back && `was left by going back to ${familyRevisionOf(back.to)} at ${new Date(back.at).toISOString()}`
  );
}

/** Target revisions of the successful deployments, newest first, each once, without the current one. */
function successfulRevisions(
  history: readonly DeploymentHistoryEntry[],
  current: string | undefined,
): string[] {
  const newestFirst = history
    .filter(({ status }) => status === 'SUCCESSFUL')
    .sort((a, b) => b.createdAt - a.createdAt)
    .flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? []);
  return [...new Set(newestFirst)].filter((arn) => arn !== current);
}

function needsRevisions(successes: string[], known: ReadonlyMap<string, string | null>): RollbackAnswer {
  const unread = successes.filter((arn) => !known.has(arn));
  return { kind: 'needs-revisions', serviceRevisionArns: unread.slice(0, REVISIONS_A_CALL) };
}

function judgeNamed(question: RollbackQuestion, name: string, serviceRevisionArn?: string): RollbackAnswer {
  const facts = question.taskDefinitions.get(name);
  if (!facts) return { kind: 'needs-task-definition', taskDefinition: name };
  const { taskDefinitionArn } = facts;
  if (taskDefinitionArn === question.current.taskDefinitionArn) return { kind: 'current', taskDefinitionArn };
  const obstacle = obstacleOf(facts);
  if (obstacle) return none(`${familyRevisionOf(taskDefinitionArn)} ${obstacle}${howToUnmark(facts)}`);
  const why = 'asked for by name';
  return {
    kind: 'candidate',
    taskDefinitionArn,
    serviceRevisionArn,
    copy: facts.status === 'INACTIVE',
    why,
    skipped: [],
  };
}

function obstacleOf({ status, knownBad }: TaskDefinitionFacts): string | undefined {
  if (knownBad !== undefined) return `is marked known-bad${knownBad ? ` (${knownBad})` : ''}`;
  if (status === 'ACTIVE' || status === 'INACTIVE') return undefined;
  return status === 'MISSING' ? 'does not exist' : `cannot be deployed (${status})`;
}

/** Nobody deploys a known-bad revision by an option given in haste; taking the mark off is a decision of its own. */
function howToUnmark({ knownBad, taskDefinitionArn }: TaskDefinitionFacts): string {
  if (knownBad === undefined) return '';
  return `; if that is wrong, take the mark off: aws ecs untag-resource --tag-keys known-bad --resource-arn ${taskDefinitionArn}`;
}

function whyNone(successes: number, skipped: number): string {
  if (successes === 0)
    return 'no other service deployment of this service has ever succeeded (ECS keeps 90 days)';
  if (skipped === 0) return 'every successful service deployment ran the current task definition';
  return 'every earlier successful revision is known to be bad, was left by going back, or can no longer be deployed';
}

function none(why: string, skipped: SkippedRevision[] = []): RollbackAnswer {
  return { kind: 'none', why, skipped };
}
