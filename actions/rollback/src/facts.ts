import type { ECSClient } from '@aws-sdk/client-ecs';
import type { DeploymentHistoryEntry } from '../../core/src/decide/deployment-reading.ts';
import { selectRollbackCandidate } from '../../core/src/decide/rollback-candidate.ts';
import type {
  RollbackAnswer,
  RollbackQuestion,
  TaskDefinitionFacts,
} from '../../core/src/decide/rollback-question.ts';
import { readServiceRevisions } from '../../core/src/ecs/service-revision.ts';
import {
  COPIED_FROM_TAG,
  KNOWN_BAD_TAG,
  MIGRATED_TAG,
  tryTaskDefinition,
} from '../../core/src/ecs/task-definition.ts';

/** The choice once all that it asked for is read. */
export type Chosen = Exclude<RollbackAnswer, { kind: 'needs-revisions' | 'needs-task-definition' }>;

type Question = Pick<RollbackQuestion, 'to' | 'history' | 'current' | 'askedAt'>;

/** A task definition's facts, with the tag that tells of a migration. */
export type TaggedFacts = TaskDefinitionFacts & { migrated: boolean };

/** The facts read so far for one service, each read once; the choice asks for what it lacks, newest first. */
export class Facts {
  readonly revisions = new Map<string, string | null>();
  readonly digests = new Map<string, readonly string[]>();
  readonly #taskDefinitions = new Map<string, TaggedFacts>();
  readonly #ecs: ECSClient;

  constructor(ecs: ECSClient) {
    this.#ecs = ecs;
  }

  taskDefinitionOf({ targetServiceRevisionArn }: DeploymentHistoryEntry): string | undefined {
    return this.revisions.get(targetServiceRevisionArn ?? '') ?? undefined;
  }

  async answer(question: Question): Promise<Chosen> {
    for (;;) {
      const { revisions: taskDefinitionOf, digests: digestsOf } = this;
      const facts = { taskDefinitionOf, taskDefinitions: this.#taskDefinitions, digestsOf };
      const answer = selectRollbackCandidate({ ...question, ...facts });
      if (answer.kind === 'needs-revisions') await this.readRevisions(answer.serviceRevisionArns);
      else if (answer.kind === 'needs-task-definition') await this.describe(answer.taskDefinition);
      else return answer;
    }
  }

  async readRevisions(arns: readonly string[]): Promise<void> {
    const unread = arns.filter((arn) => !this.revisions.has(arn));
    const found = await readServiceRevisions(this.#ecs, unread);
    for (const arn of unread) {
      this.revisions.set(arn, found.get(arn)?.taskDefinitionArn ?? null);
      const images = found.get(arn)?.images ?? [];
      this.digests.set(
        arn,
        images.flatMap(({ digest }) => digest ?? []),
      );
    }
  }

  async describe(name: string): Promise<TaggedFacts> {
    const known = this.#taskDefinitions.get(name);
    if (known) return known;
    const found = await tryTaskDefinition(this.#ecs, name);
    const tags = found?.tags ?? {};
    const facts: TaggedFacts = {
      taskDefinitionArn: found?.taskDefinitionArn ?? name,
      status: found?.status ?? 'MISSING',
      knownBad: tags[KNOWN_BAD_TAG],
      commit: tags['git-sha'],
      copiedFrom: tags[COPIED_FROM_TAG],
      migrated: MIGRATED_TAG in tags,
    };
    this.#taskDefinitions.set(name, facts);
    return facts;
  }
}
