import type { ActEvent } from '../github/act-log.ts';
import { changedFiles, type Files, SERVICES } from './caller.ts';
import {
  type CallerRun,
  type CallerRunRequest,
  outputOf,
  registerRun,
  runCallerWorkflow,
} from './caller-run.ts';
import type { Narrator, Row } from './chapter.ts';
import { make } from './ground.ts';
import { isAccepted, mailRequest, SENDER, SENDER_HASH } from './mail.ts';
import { type ProbeCounts, startProbe } from './probe.ts';
import { tryToDeregister } from './refusal.ts';
import type { Rehearsal } from './rehearsal.ts';
import { describeServing, isServing, listMails, newestDeployment, newestEvent } from './serving.ts';
import { waitFor } from './wait-for.ts';

/** A commit to the caller's repository: given all files, it gives them with its edits made. */
export interface Change {
  name: string;
  commit: string;
  apply(files: Files): Files;
}

/** What the story came to. */
export interface Ending {
  rows: Row[];
  probe: ProbeCounts;
  /** Mails the API accepted and objects in the bucket once the queue was empty. */
  mails: { accepted: number; stored: number };
}

const SERVICE = 'email-api';
const PROBE_INTERVAL_MS = 200;
/** Steps whose own lines the reader sees; the rest is in the log file of the run. */
const SHOWN_STEPS = ['Deploy services', 'Wait for the verdict', 'Smoke-test', 'Roll back'];

/** Tells the whole story on a rehearsal; every chapter adds its rows. Throws only if a chapter cannot be told. */
export async function tellStory(
  rehearsal: Rehearsal,
  versions: { good: Change; bad: readonly Change[] },
  narrator: Narrator,
): Promise<Ending> {
  const teller = new Teller(rehearsal, narrator);
  await teller.firstImages();
  await teller.refusedCall();
  const probe = startProbe(() => mailRequest(rehearsal, 'probe'), isAccepted, PROBE_INTERVAL_MS);
  try {
    await teller.goodVersion(versions.good);
    await teller.mailArrives();
    for (const [index, bad] of versions.bad.entries()) await teller.badVersion(bad, index, probe.counts);
    await teller.rollbackByHand();
  } finally {
    await probe.stop();
  }
  const mails = await teller.countMails(probe.counts.right);
  await teller.planAgain();
  return { rows: teller.rows, probe: probe.counts, mails };
}

class Teller {
  readonly rows: Row[] = [];
  readonly #rehearsal: Rehearsal;
  readonly #narrator: Narrator;
  #files: Files;
  #head: string;
  /** When a step of the newest run ended or annotated, epoch milliseconds by `step: what`. */
  #moments = new Map<string, number>();

  constructor(rehearsal: Rehearsal, narrator: Narrator) {
    this.#rehearsal = rehearsal;
    this.#narrator = narrator;
    this.#files = rehearsal.files;
    this.#head = rehearsal.head;
  }

  /** (a) The first images, and the services created on their digests. */
  async firstImages(): Promise<void> {
    const { clients, ground } = this.#rehearsal;
    this.#narrator.chapter('a  First images: the caller dispatches its deploy workflow with `only: build`');
    const { value: run, seconds } = await this.#run({
      name: '1-first-images',
      workflow: 'deploy',
      event: {
        kind: 'dispatch',
        sha: this.#head,
        inputs: { services: 'all', only: 'build', 'dry-run': 'false' },
      },
    });
    if (run.exitCode !== 0) throw new Error(`the first images were not built; see ${run.logFile}`);
    const { hasTerraform, stacks } = ground;
    const options = { narrator: this.#narrator, hasTerraform };
    await make(stacks.services, 'services, scaling, alarms, templates, roles', options);
    await this.#untilServing();
    const served = await describeServing(clients, ground.cluster, SERVICE);
    this.#narrator.tell(`services created on these digests and serving: ${served}`);
    this.rows.push({ step: 'first images', expected: 'built', verdict: 'built', seconds, served });
  }

  /** (a) What the role of the deployment may not do is refused. */
  async refusedCall(): Promise<void> {
    const { aws, ground, runs } = this.#rehearsal;
    const run = { sha: this.#head, runId: '1', workflow: 'deploy', eventName: 'push' };
    const revision = `${ground.cluster}-${SERVICE}:1`;
    const { value: refusal, seconds } = await this.#narrator.timed(() =>
      tryToDeregister(aws, { roleArn: ground.roles.deploy, token: registerRun(runs.issuer, run), revision }),
    );
    this.#narrator.tell(`the deploy role tries to deregister ${revision}: ${refusal ?? 'done!'}`);
    const verdict = refusal === undefined ? 'allowed' : 'refused';
    await this.#row('deregistering with the deploy role', 'refused', verdict, seconds);
  }

  /** (b) A good commit travels. */
  async goodVersion(change: Change): Promise<void> {
    this.#narrator.chapter(`b  A push to the caller's repository: “${change.commit}”`);
    const { run, seconds } = await this.#push('2-good-version', change, change.apply(this.#files));
    if (run.exitCode === 0) this.#files = change.apply(this.#files);
    await this.#tellDelay('green', 'Wait for the verdict: ended', 'finishedAt');
    await this.#row('a good commit', 'succeeded', outputOf(run, 'wait', 'verdict') ?? 'no verdict', seconds);
  }

  /** (c) A mail goes in through the load balancer and comes out as an object. */
  async mailArrives(): Promise<void> {
    const { clients, ground } = this.#rehearsal;
    this.#narrator.chapter('c  A mail through the load balancer');
    const before = new Set(await listMails(clients, ground.bucket));
    const startedAt = Date.now();
    const { url, init } = mailRequest(this.#rehearsal, SENDER);
    const response = await fetch(url, init);
    this.#narrator.tell(`POST ${url} → ${response.status} ${await response.text()}`);
    const key = await waitFor(async () => {
      const keys = await listMails(clients, ground.bucket);
      return keys.find((candidate) => !before.has(candidate) && candidate.includes(SENDER_HASH));
    }, 30_000);
    this.#narrator.tell(key ? `s3://${ground.bucket}/${key}` : 'no object appeared');
    await this.#row(
      'a mail becomes an object',
      'stored',
      key ? 'stored' : 'lost',
      (Date.now() - startedAt) / 1000,
    );
  }

  /** (d) A bad commit is caught and carried back, while the probe counts. */
  async badVersion(change: Change, index: number, counts: ProbeCounts): Promise<void> {
    this.#narrator.chapter(`d${index + 1} A bad commit, it ${change.name}: “${change.commit}”`);
    const before = { ...counts };
    const { run, seconds } = await this.#push(`${3 + index}-bad-version`, change, change.apply(this.#files));
    const waited = outputOf(run, 'wait', 'verdict') ?? 'no verdict';
    const smoke = outputOf(run, 'smoke', 'verdict');
    if (waited === 'rolled-back')
      await this.#tellDelay('cause shown', 'Wait for the verdict: annotated', 'trip');
    const { failed, wrong, sent } = counts;
    this.#narrator.tell(
      `probe meanwhile: ${sent - before.sent} sent, ${failed - before.failed} failed, ${wrong - before.wrong} wrong answers`,
    );
    // The two kinds of return: ECS's own, which the pack follows, and the pack's own after a wrong answer.
    const verdict = smoke === 'fail' ? `smoke-test fail, ${rolledBackBy(run)}` : waited;
    const expected = change.name === 'answers wrongly' ? 'smoke-test fail, carried back' : 'rolled-back';
    await this.#row(`a bad commit: ${change.name}`, expected, verdict, seconds);
    // The branch goes back too: the next commit starts from what serves.
    this.#head = await this.#rehearsal.runs.caller.commit(
      `Revert “${change.commit}”`,
      changedFiles(change.apply(this.#files), this.#files),
    );
  }

  /** (e) A person rolls back by dispatch to the revision before. */
  async rollbackByHand(): Promise<void> {
    this.#narrator.chapter('e  A person dispatches the rollback workflow: one revision back');
    const { value: run, seconds } = await this.#run({
      name: '6-rollback',
      workflow: 'rollback',
      event: {
        kind: 'dispatch',
        sha: this.#head,
        inputs: { services: SERVICE, to: 'previous', 'dry-run': 'false' },
      },
    });
    await this.#row('rollback by hand', 'carried back', rolledBackBy(run), seconds);
  }

  /** Waits until every accepted mail is an object, and counts both. */
  async countMails(acceptedByProbe: number): Promise<Ending['mails']> {
    const { clients, ground } = this.#rehearsal;
    const accepted = acceptedByProbe + 1;
    await waitFor(
      async () => (await listMails(clients, ground.bucket)).length >= accepted || undefined,
      60_000,
    );
    return { accepted, stored: (await listMails(clients, ground.bucket)).length };
  }

  /** (f) Deployments and rollbacks are CI's: to Terraform nothing has changed. */
  async planAgain(): Promise<void> {
    const { hasTerraform, stacks } = this.#rehearsal.ground;
    const step = 'terraform plan after all of it';
    if (!hasTerraform) {
      this.#narrator.chapter('f  No second plan: to compare code with AWS takes Terraform itself');
      return await this.#row(step, 'left out', 'left out', 0);
    }
    this.#narrator.chapter('f  Terraform plans again: revisions are CI’s, the rest is as its code says');
    const { value: changes, seconds } = await this.#narrator.timed(() =>
      Promise.all([stacks.foundation.plan(), stacks.services.plan()]).then((plans) => plans.flat()),
    );
    for (const change of changes) this.#narrator.tell(change);
    await this.#row(step, 'no changes', changes.length === 0 ? 'no changes' : 'changes', seconds);
  }

  async #push(name: string, change: Change, files: Files): Promise<{ run: CallerRun; seconds: number }> {
    const before = this.#head;
    this.#head = await this.#rehearsal.runs.caller.commit(change.commit, changedFiles(this.#files, files));
    const event = { kind: 'push', before, after: this.#head } as const;
    const { value: run, seconds } = await this.#run({ name, workflow: 'deploy', event });
    return { run, seconds };
  }

  async #run(request: Omit<CallerRunRequest, 'onEvent'>): Promise<{ value: CallerRun; seconds: number }> {
    this.#moments = new Map();
    const timed = await this.#narrator.timed(() =>
      runCallerWorkflow(this.#rehearsal.runs, { ...request, onEvent: (event) => this.#hear(event) }),
    );
    const jobs = timed.value.jobs.map(({ name, result }) => `${name.split('/').pop()}: ${result}`);
    this.#narrator.tell(`jobs ${jobs.join(', ')} (whole log: ${timed.value.logFile})`);
    this.#rehearsal.runs.signal.throwIfAborted();
    // Act goes on with an empty text where it cannot evaluate something: nothing after that can be believed.
    const [fault] = timed.value.faults;
    if (fault) throw new Error(`act could not run the workflow: ${fault}`);
    return timed;
  }

  #hear(event: ActEvent): void {
    if (event.kind === 'annotation' && event.level === 'error') this.#note(`${event.step}: annotated`);
    if (event.kind === 'step-ended' && event.stage === 'Main') this.#note(`${event.step}: ended`);
    if (!SHOWN_STEPS.includes(event.step)) {
      if (event.kind === 'annotation')
        this.#narrator.tell(`│ ${event.step}: ${event.level}: ${event.message}`);
      return;
    }
    if (event.kind === 'step-started' && event.stage === 'Main') this.#narrator.tell(`┌ ${event.step}`);
    if (event.kind === 'line') this.#narrator.tell(`│ ${event.text}`);
    if (event.kind === 'annotation') {
      const [first = '', ...others] = event.message.split('\n');
      this.#narrator.tell(`│ ${event.level}: ${first}`);
      for (const line of others) this.#narrator.tell(`│        ${line}`);
    }
  }

  #note(moment: string): void {
    if (!this.#moments.has(moment)) this.#moments.set(moment, Date.now());
  }

  /** Tells how long after ECS's own moment the pack's came. */
  async #tellDelay(what: string, moment: string, since: 'finishedAt' | 'trip'): Promise<void> {
    const { clients, ground } = this.#rehearsal;
    const deployment = await newestDeployment(clients, ground.cluster, SERVICE);
    const own = since === 'finishedAt' ? deployment?.finishedAt : deployment?.rollback?.startedAt;
    const seen = this.#moments.get(moment);
    if (!own || seen === undefined) return;
    const label = since === 'finishedAt' ? 'ECS’s own verdict' : 'the stop that tripped the breaker';
    const ms = seen - own.getTime();
    // What ECS does not count, since it ran for a second, the pack does not wait for either: it asks ECS to go back.
    const place = ms < 0 ? 'before ECS went back, asked to by the pack' : `after ${label}`;
    this.#narrator.tell(`${what} ${(Math.abs(ms) / 1000).toFixed(1)} s ${place}`);
  }

  async #row(step: string, expected: string, verdict: string, seconds: number): Promise<void> {
    const { clients, ground } = this.#rehearsal;
    const served = await describeServing(clients, ground.cluster, SERVICE);
    this.rows.push({ step, expected, verdict, seconds, served });
    this.#narrator.tell(`${verdict === expected ? '✓' : '✗'} ${verdict}; ${served} serves`);
  }

  /** Until all tasks serve, behind the load balancer where they have one: the bake goes on while the first push is built. */
  async #untilServing(): Promise<void> {
    const { clients, ground } = this.#rehearsal;
    const serving = await waitFor(async () => {
      const all = await Promise.all(SERVICES.map((service) => isServing(clients, ground.cluster, service)));
      return all.every(Boolean) || undefined;
    }, 120_000);
    if (serving) return;
    const told = await Promise.all(SERVICES.map((service) => newestEvent(clients, ground.cluster, service)));
    throw new Error(`the first services did not serve within two minutes:\n${told.join('\n')}`);
  }
}

/** `carried back` if the rollback step went back everywhere it should, else its verdicts. */
function rolledBackBy(run: CallerRun): string {
  const verdicts = JSON.parse(outputOf(run, 'rollback', 'verdicts') ?? '[]') as { verdict: string }[];
  const words = verdicts.map(({ verdict }) => verdict);
  return words.length > 0 && words.every((word) => word === 'succeeded' || word === 'unchanged')
    ? 'carried back'
    : `rollback: ${words.join(', ') || 'no verdict'}`;
}
