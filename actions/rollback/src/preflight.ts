import type { ECSClient } from '@aws-sdk/client-ecs';
import { isFiring } from '../../core/src/decide/alarm-reading.ts';
import { traceHealthyLine } from '../../core/src/decide/healthy-line.ts';
import { hasPort, type PortMapping } from '../../core/src/decide/port-mapping.ts';
import { judgePreflight, type NeededThing, type PreflightReading } from '../../core/src/decide/preflight.ts';
import { SCHEMA_LABEL, type SchemaReading } from '../../core/src/decide/schema-compat.ts';
import type { SurroundingsReading } from '../../core/src/decide/surroundings.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { diffTaskDefinitions } from '../../core/src/decide/task-definition-diff.ts';
import { type RevisionContent, readServiceRevisions } from '../../core/src/ecs/service-revision.ts';
import { tryTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { type NeededClients, readNeededThings } from './needed-things.ts';
import { renderPath } from './path.ts';
import { type Candidate, candidateOf, type PlannedRollback } from './plan.ts';
import { type ServiceScope, scopeOf } from './service-scope.ts';
import { readSurroundings, type SurroundingsClients } from './surroundings.ts';

const HOUR_MS = 3_600_000;
/** How far back a migration is looked for, in revisions; each costs a call. */
const MIGRATIONS_LOOKED_FOR = 10;

/** What is looked at, with whose eyes, and what the user has said about it. */
export interface PreflightContext {
  ecs: ECSClient;
  clients: NeededClients & SurroundingsClients;
  /** Epoch milliseconds. */
  now: number;
  scope: 'task' | 'service';
  /** The schema that is live, as the user's own command printed it. */
  schemaVersion: string | undefined;
  acceptSchemaRisk: boolean;
}

/** What the looking ahead adds to a plan. */
export interface LookedAhead {
  /** What of the service goes back too. */
  scope?: ServiceScope;
  /** Alarms are taken off for the deployment. */
  alarmsOff?: boolean;
  alarmsLeftOff?: boolean;
}

export type CheckedRollback = PlannedRollback & LookedAhead;

/**
 * Looks, before anything is written, at what each planned rollback would meet, and turns the plans that cannot
 * succeed into `none` with the reason. Only plans that deploy a candidate are looked at.
 */
export async function withPreflight(
  planned: readonly PlannedRollback[],
  context: PreflightContext,
): Promise<CheckedRollback[]> {
  return Promise.all(
    planned.map(async (plan) => {
      const candidate = candidateOf(plan);
      const path = renderPath(plan);
      if (!candidate) return { ...plan, ...(path ? { path } : {}) };
      const { reading, ...looked } = await lookAhead(plan, candidate, context);
      const findings = judgePreflight(reading);
      const refusals = findings.filter(({ kind }) => kind === 'refuse').map(({ text }) => text);
      const found = { ...plan, ...looked, findings, path: path ?? '' };
      if (refusals.length === 0) return found;
      const { skipped } = candidate;
      return { ...found, means: { kind: 'none', why: refusals.join('; '), skipped } };
    }),
  );
}

async function lookAhead(plan: PlannedRollback, candidate: Candidate, context: PreflightContext) {
  const { before } = plan;
  const { ecs, clients, now, scope } = context;
  const { taskDefinitionArn, serviceRevisionArn, copy } = candidate;
  const [currentArn] = before.currentServiceRevisionArns;
  const [registered, revisions, surroundings] = await Promise.all([
    tryTaskDefinition(ecs, taskDefinitionArn),
    readServiceRevisions(
      ecs,
      [serviceRevisionArn, currentArn].flatMap((arn) => arn ?? []),
    ),
    readSurroundings(before, clients, now),
  ]);
  const document = registered?.document ?? {};
  const [target, current] = [revisions.get(serviceRevisionArn ?? ''), revisions.get(currentArn ?? '')];
  const needs = await readNeededThings(document, before.targetGroupArns ?? [], digestsOf(target), clients);
  const changed = scope === 'service' && target && current ? scopeOf(target.settings, current.settings) : {};
  const loadBalancers = changed.loadBalancers ?? current?.settings.loadBalancers;
  const reading: PreflightReading = {
    needs,
    ...deploymentTimes(plan, serviceRevisionArn),
    copied: copy,
    settings: target && current ? diffTaskDefinitions(target.settings, current.settings) : [],
    scope,
    unreached: unreachedOf(loadBalancers, document),
    desiredCount: before.desiredCount,
    minimumHealthyPercent: before.minimumHealthyPercent ?? 100,
    maximumPercent: before.maximumPercent ?? 200,
    ...countRollbacks(plan, now),
    automatic: plan.wanted.ours !== undefined,
    schema: await readSchema(plan, document, context, taskDefinitionArn),
    surroundings,
  };
  const pins = pinsOf(needs, document);
  return { reading, ...(Object.keys(pins).length > 0 ? { pins } : {}), ...acts(changed, surroundings) };
}

function acts(scope: ServiceScope, { alarms, restoreAlarms }: SurroundingsReading): LookedAhead {
  return {
    ...(Object.keys(scope).length > 0 ? { scope } : {}),
    ...(alarms.some(isFiring) ? { alarmsOff: true } : {}),
    ...(restoreAlarms ? { alarmsLeftOff: true } : {}),
  };
}

function digestsOf(target: RevisionContent | undefined): Map<string, string> {
  const images = target?.images ?? [];
  return new Map(images.flatMap(({ container, digest }) => (digest ? [[container, digest]] : [])));
}

/** When the candidate was deployed last, and how long it then served. */
function deploymentTimes({ history }: PlannedRollback, serviceRevisionArn: string | undefined) {
  const successes = history.filter(({ status }) => status === 'SUCCESSFUL');
  const at = successes.findIndex((entry) => entry.targetServiceRevisionArn === serviceRevisionArn);
  const deployed = successes[at];
  if (!deployed || serviceRevisionArn === undefined) return {};
  const replaced = successes[at - 1];
  const servedMs = replaced && replaced.createdAt - (deployed.finishedAt ?? deployed.createdAt);
  return { deployedAt: deployed.createdAt, ...(servedMs === undefined ? {} : { servedMs }) };
}

/** Rollbacks of the last hour: those of ECS, and successes that went back to what had served before. */
function countRollbacks({ history, facts }: PlannedRollback, now: number) {
  const recent = ({ createdAt }: { createdAt: number }): boolean => now - createdAt < HOUR_MS;
  const byEcs = history.filter((one) => one.status.startsWith('ROLLBACK_') && recent(one)).length;
  const successes = history
    .filter(({ status }) => status === 'SUCCESSFUL')
    .flatMap((entry) => {
      const content = facts.taskDefinitionOf(entry);
      return content ? [{ content, at: entry.createdAt }] : [];
    });
  const returns = traceHealthyLine(successes.reverse()).returns.filter(({ at }) => recent({ createdAt: at }));
  return {
    rollbacksInHour: byEcs + returns.length,
    destinationsInHour: new Set(returns.map(({ to }) => to)).size,
  };
}

/** ECS refuses an update whose load balancer sends to a container or port that the task definition lacks. */
function unreachedOf(loadBalancers: unknown, { containerDefinitions }: TaskDefinitionDocument): string[] {
  const containers = (containerDefinitions ?? []) as { name?: string; portMappings?: PortMapping[] }[];
  if (!Array.isArray(loadBalancers) || containers.length === 0) return [];
  return (loadBalancers as { containerName?: string; containerPort?: number }[]).flatMap(
    ({ containerName, containerPort }) => {
      const ports = containers.find(({ name }) => name === containerName)?.portMappings;
      const isThere = ports?.some((mapping) => hasPort(mapping, containerPort ?? 0));
      return containerName === undefined || isThere ? [] : [`${containerName}:${containerPort}`];
    },
  );
}

/** Where a tag moved on, or went, the image that ran is named by its digest. */
function pinsOf(needs: readonly NeededThing[], { containerDefinitions }: TaskDefinitionDocument) {
  const containers = (containerDefinitions ?? []) as { name?: string; image?: string }[];
  return Object.fromEntries(
    needs.flatMap(({ moved }) => {
      const image = containers.find(({ name }) => name === moved?.container)?.image;
      return moved && image ? [[moved.container, `${image.replace(/:[^/:]+$/, '')}@${moved.deployed}`]] : [];
    }),
  );
}

async function readSchema(
  { wanted, history, facts, before }: PlannedRollback,
  { containerDefinitions }: TaskDefinitionDocument,
  { schemaVersion, acceptSchemaRisk }: PreflightContext,
  target: string,
): Promise<SchemaReading> {
  const containers = (containerDefinitions ?? []) as { dockerLabels?: Record<string, string> }[];
  const understood = containers.flatMap(({ dockerLabels }) => dockerLabels?.[SCHEMA_LABEL] ?? [])[0];
  const deployed = history.map((entry) => facts.taskDefinitionOf(entry));
  const at = deployed.indexOf(target);
  const since = [before.taskDefinitionArn, ...deployed.slice(0, Math.max(0, at))];
  const looked = [...new Set(since)].flatMap((arn) => arn ?? []).filter((arn) => arn !== target);
  const read = await Promise.all(looked.slice(0, MIGRATIONS_LOOKED_FOR).map((arn) => facts.describe(arn)));
  return {
    ...(understood === undefined ? {} : { understood }),
    ...(schemaVersion === undefined ? {} : { live: schemaVersion }),
    migratedWith: read.flatMap(({ migrated, taskDefinitionArn }) => (migrated ? [taskDefinitionArn] : [])),
    hasMigration: wanted.migrates === true,
    accepted: acceptSchemaRisk,
  };
}
