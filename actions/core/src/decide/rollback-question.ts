import type { DeploymentHistoryEntry } from './deployment-reading.ts';
import type { RollbackTarget } from './rollback-target.ts';

/** What is known of a task definition. `status` is ECS's word, or `MISSING` when it cannot be described. */
export interface TaskDefinitionFacts {
  taskDefinitionArn: string;
  status: string;
  /** Value of the tag `known-bad`; an empty text is a mark too. */
  knownBad?: string;
  /** Value of the tag `git-sha`. */
  commit?: string;
  /** Value of the tag `copied-from`: the INACTIVE revision that this one is a copy of. */
  copiedFrom?: string;
}

/** Everything the choice depends on. A fact that is absent from a map has not been read yet. */
export interface RollbackQuestion {
  to: RollbackTarget;
  /** The service's deployments, in any order. */
  history: readonly DeploymentHistoryEntry[];
  /** What serves, or is meant to serve, now. */
  current: { serviceRevisionArn?: string; taskDefinitionArn: string };
  /** Service revision ARN to its task definition's ARN; `null`: the revision can no longer be described. */
  taskDefinitionOf: ReadonlyMap<string, string | null>;
  /** Service revision ARN to the digests of its containers; read together with `taskDefinitionOf`. */
  digestsOf?: ReadonlyMap<string, readonly string[]>;
  /** By task definition ARN, and by the name asked for in `to`. */
  taskDefinitions: ReadonlyMap<string, TaskDefinitionFacts>;
  /**
   * When a person asks for `previous`, epoch milliseconds: a service that went back within the hour before is
   * there already. Absent where a run undoes its own deployment.
   */
  askedAt?: number;
}

/** Why a revision was passed over. */
export interface SkippedRevision {
  revision: string;
  why: string;
}

/** The answer, or the facts that are missing for one. */
export type RollbackAnswer =
  | {
      kind: 'candidate';
      taskDefinitionArn: string;
      serviceRevisionArn?: string;
      copy: boolean;
      why: string;
      skipped: SkippedRevision[];
    }
  /** The service is there already. */
  | { kind: 'current'; taskDefinitionArn: string; why?: string }
  | { kind: 'none'; why: string; skipped: SkippedRevision[] }
  | { kind: 'needs-revisions'; serviceRevisionArns: string[] }
  | { kind: 'needs-task-definition'; taskDefinition: string };
