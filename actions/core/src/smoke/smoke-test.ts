import { ecsClient } from '../aws-clients.ts';
import { tryRegionOf } from '../deployments-json.ts';
import { KNOWN_BAD_TAG, tagTaskDefinition } from '../ecs/task-definition.ts';
import { renderError, UserError } from '../errors.ts';
import type { ActionDeps, ActionResult } from '../github/action-run.ts';
import { readManifest } from '../github/target-inputs.ts';
import { environmentOf } from '../manifest.ts';
import type { Check, Reply } from './check.ts';
import type { Outcome } from './judge.ts';
import { redactor } from './redact.ts';
import {
  failureSentence,
  renderLine,
  renderSmokeSummary,
  type ServiceCheckResult,
  worstVerdict,
} from './report.ts';
import { runCheck } from './run-check.ts';
import { type Ground, readSuites, type ServiceSuite, type SmokeRequest } from './suites.ts';

type Deps = Omit<ActionDeps, 'idToken' | 'env'> & {
  readonly ask?: (check: Check, signal: AbortSignal) => Promise<Reply>;
};

/** Runs the smoke files one after another; every verdict is returned, red ones too. A `fail` tags the revision. */
export async function testServices(
  given: SmokeRequest,
  deps: Deps,
): Promise<ActionResult<'verdict' | 'results'>> {
  assertOneSubject(given);
  for (const secret of Object.values(given.secrets)) deps.log.mask(secret);
  const ground = await readGround(given, deps);
  const suites = await readSuites(given, ground);
  if (suites.length === 0) deps.log.notice('No service of this run has a smoke file, so nothing was tested.');
  const redact = redactor(Object.values(given.secrets));
  const results: ServiceCheckResult[] = [];
  for (const suite of suites) results.push(...(await runSuite(suite, redact, deps)));
  await tagBadRevisions(suites, results, given, ground, deps);
  if (results.length > 0) await deps.summary(renderSmokeSummary(results));
  const failure = failureSentence(results);
  return {
    outputs: { verdict: worstVerdict(results), results: results.map(asOutput) },
    ...(failure === undefined ? {} : { failure }),
  };
}

function assertOneSubject({ deployments, file }: SmokeRequest): void {
  if ((deployments === undefined) !== (file === undefined)) return;
  const fault = file === undefined ? 'neither is given' : 'both are given';
  throw new UserError(
    'INPUT_CONTRADICTION',
    `Give either "deployments" (what deploy-service or rollback gave) or "file" (one smoke file); ${fault}.`,
  );
}

async function readGround(given: SmokeRequest, { github }: Deps): Promise<Ground> {
  if (given.environment === undefined) return { manifest: undefined, environment: undefined, github };
  const manifest = await readManifest(given.manifest, github.workspace);
  return { manifest, environment: environmentOf(manifest, given.environment), github };
}

async function runSuite(
  { service, suite }: ServiceSuite,
  redact: (text: string) => string,
  deps: Deps,
): Promise<ServiceCheckResult[]> {
  const { clock, random, signal, log } = deps;
  const ask = deps.ask ?? (await import('./ask.ts')).ask;
  const deadlineAt = clock.now() + suite.deadlineMs;
  const results: ServiceCheckResult[] = [];
  await log.group(`Smoke test ${service || suite.file}`, async () => {
    for (const check of suite.checks) {
      const onOutcome = changeTeller((line) => log.info(redact(line)));
      const found = await runCheck(check, {
        clock,
        random,
        signal,
        deadlineAt,
        ask,
        onOutcome,
      });
      const problems = found.problems.map(redact);
      const shown = { ...check, name: redact(check.name) };
      const result = { ...found, check: shown, problems, service, file: suite.file };
      log.info(renderLine(result));
      results.push(result);
    }
  });
  for (const result of results) annotate(result, deps);
  return results;
}

/** One line a change, not a line a request: says why a check is asked again, until the reason is another. */
function changeTeller(tell: (line: string) => void): (check: Check, outcome: Outcome) => void {
  let told = '';
  return ({ name }, outcome) => {
    const reason = outcome.kind === 'right' ? '' : outcome.problems.join('; ');
    if (reason !== '' && reason !== told) tell(`… ${name}: ${reason}`);
    told = reason;
  };
}

function annotate(result: ServiceCheckResult, { log }: Deps): void {
  const { check, verdict, problems, service } = result;
  if (verdict === 'pass') return;
  const title = `Smoke test ${verdict}: ${service ? `${service}: ` : ''}${check.name}`;
  log.error(`${check.written}: ${problems.join('; ')}`, {
    title,
    file: check.place.file,
    line: check.place.line,
  });
}

/** A tag is an extra: without it the verdict stands, but `previous` could choose this revision later. */
async function tagBadRevisions(
  suites: readonly ServiceSuite[],
  results: readonly ServiceCheckResult[],
  given: SmokeRequest,
  { environment }: Ground,
  deps: Deps,
): Promise<void> {
  for (const { service, deployment } of suites) {
    const bad = results.find((result) => result.service === service && result.verdict === 'fail');
    if (!bad || !deployment?.changed) continue;
    const region = given.region ?? environment?.region ?? tryRegionOf([deployment]);
    const ecs = ecsClient(
      deps.access({ role: given['role-to-assume'] ?? environment?.roles.verify, region }),
    );
    const reason = `smoke test failed: ${bad.check.name}`;
    try {
      await tagTaskDefinition(ecs, deployment.taskDefinitionArn, KNOWN_BAD_TAG, reason);
      deps.log.info(`Tagged ${deployment.taskDefinitionArn} ${KNOWN_BAD_TAG}: ${reason}.`);
    } catch (error) {
      deps.log.warning(
        `${deployment.taskDefinitionArn} could not be tagged ${KNOWN_BAD_TAG}: ${renderError(error)}`,
      );
    }
  }
}

function asOutput({
  service,
  file,
  check,
  verdict,
  attempts,
  seconds,
  problems,
}: ServiceCheckResult): object {
  return { service, file, check: check.name, verdict, attempts, seconds, problems };
}
