import { GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { ActRun } from '../../local/github/act.ts';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { credentials, startWorkflowStage, type WorkflowStage } from './workflow-stage.ts';

/** A root module of a caller: small, so that a run shows in seconds what ten services show in minutes. */
const codeWith = (seconds: number, more = ''): string => `
terraform {
  backend "s3" {}
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "environment" {
  type = string
}

resource "aws_sqs_queue" "mails" {
  name                       = "\${var.environment}-mails"
  visibility_timeout_seconds = ${seconds}
}
${more}`;
const SECRET = 'resource "aws_secretsmanager_secret" "token" {\n  name = "shop/prod/token"\n}\n';
const FILE = 'terraform/stacks/services/main.tf';

let stage: WorkflowStage;
let sqs: SQSClient;
beforeAll(async () => {
  stage = await startWorkflowStage({ [FILE]: codeWith(30) });
  sqs = new SQSClient({ endpoint: stage.aws.endpoint, region: 'us-east-1', credentials });
});
afterAll(async () => {
  sqs?.destroy();
  await stage?.stop();
});

const queue = (): string => `${stage.aws.endpoint}/123456789012/prod-mails`;
async function visibility(): Promise<string | undefined> {
  const asked = new GetQueueAttributesCommand({ QueueUrl: queue(), AttributeNames: ['VisibilityTimeout'] });
  return (await sqs.send(asked)).Attributes?.VisibilityTimeout;
}
const setByHand = (seconds: number): Promise<unknown> =>
  sqs.send(
    new SetQueueAttributesCommand({ QueueUrl: queue(), Attributes: { VisibilityTimeout: String(seconds) } }),
  );

const pullRequest = (number: number): Promise<ActRun> =>
  stage.run('pull_request', {
    pull_request: { number, head: { ref: 'change', sha: 'x' }, base: { ref: 'main', sha: 'y' } },
  });
async function merge(number: number): Promise<ActRun> {
  stage.github.merge(await stage.caller.git('rev-parse', 'HEAD'), number);
  return stage.run('push', { ref: 'refs/heads/main' });
}
const resultsOf = (run: ActRun): Record<string, string> =>
  Object.fromEntries(run.jobs.map(({ id, result }) => [id, result]));
/** What went wrong, so that a red run shows its reason in the test's output. */
const expectGreen = (run: ActRun): void =>
  expect({ exitCode: run.exitCode, faults: run.faults, log: run.exitCode === 0 ? '' : run.log }).toEqual({
    exitCode: 0,
    faults: [],
    log: '',
  });

describe('a pull request', () => {
  test('gets one comment with its plan, changed in place by the next commit', async () => {
    expectGreen(await pullRequest(7));
    const [first] = stage.github.comments;
    expect(first?.body).toContain('**1 to add, 0 to change, 0 to destroy** · this change: no cost a month');
    const id = first?.id;
    await stage.caller.commit('Keep a token', { [FILE]: codeWith(30, SECRET) });
    expectGreen(await pullRequest(7));
    expect(stage.github.comments.map((comment) => [comment.issue, comment.id])).toEqual([[7, id]]);
    const [{ body } = { body: '' }] = stage.github.comments;
    expect(body).toContain('**2 to add, 0 to change, 0 to destroy** · this change: +$0.40 a month');
    expect(body).toContain('| add | `aws_secretsmanager_secret.token` |');
    expect(body).toContain('# aws_sqs_queue.mails will be created');
    expect(body).toMatch(/policies not checked: there is no checkov on the runner|policy finding/);
  });
});

describe('a push to the default branch', () => {
  test('applies the plan that the pull request showed, behind the environment', async () => {
    const run = await merge(7);
    expectGreen(run);
    expect(resultsOf(run)).toEqual({ prepare: 'success', apply: 'success' });
    expect(run.summary).toContain('Apply complete! Resources: 2 added, 0 changed, 0 destroyed.');
    expect(await visibility()).toBe('30');
  });

  test('applies nothing when nothing changes', async () => {
    const run = await stage.run('push', { ref: 'refs/heads/main' });
    expectGreen(run);
    expect(resultsOf(run)).toEqual({ prepare: 'success' });
    expect(run.summary).toContain('**no changes**');
  });

  test('refuses another plan than the one that was shown', async () => {
    await stage.caller.commit('Wait longer', { [FILE]: codeWith(60, SECRET) });
    expectGreen(await pullRequest(8));
    await stage.caller.commit('Wait much longer, after the review', { [FILE]: codeWith(600, SECRET) });
    const run = await merge(8);
    expect(run.exitCode).not.toBe(0);
    expect(resultsOf(run)).toEqual({ prepare: 'failure' });
    expect(run.annotations.map(({ message }) => message).join('\n')).toContain(
      'This plan does something else than the one that pull request #8 showed',
    );
    expect(await visibility()).toBe('30');
    await stage.caller.commit('Back', { [FILE]: codeWith(30, SECRET) });
  });
});

describe('the look for drift', () => {
  const look = (): Promise<ActRun> => stage.run('schedule', {});

  test('opens one issue, rewrites it, and closes it when nothing differs', async () => {
    await setByHand(45);
    expectGreen(await look());
    const [issue] = stage.github.issues;
    expect(issue).toMatchObject({ title: 'Drift in prod: terraform/stacks/services', state: 'open' });
    expect(issue?.body).toContain('45 -> 30');
    await setByHand(50);
    expectGreen(await look());
    expect(stage.github.issues).toHaveLength(1);
    expect(stage.github.issues[0]).toMatchObject({
      state: 'open',
      body: expect.stringContaining('50 -> 30'),
    });
    await setByHand(30);
    expectGreen(await look());
    expect(stage.github.issues).toEqual([expect.objectContaining({ state: 'closed' })]);
    expect(stage.github.comments.at(-1)?.body).toContain('No difference is left');
  });
});
