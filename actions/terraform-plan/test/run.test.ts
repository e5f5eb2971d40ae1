import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { driveAction } from '../../core/test/doubles/action-drive.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { type ChangeDocument, planDocument } from '../../core/test/doubles/plan-documents.ts';
import { scriptedTerraform, type TerraformScript } from '../../core/test/doubles/scripted-terraform.ts';
import { inputs, outputs } from '../src/inputs.ts';
import { run } from '../src/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-plan-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => expect(nock.pendingMocks()).toEqual([]));
reachNockOnly();

const secret: ChangeDocument = {
  address: 'aws_secretsmanager_secret.token',
  actions: ['create'],
  after: { name: 'token' },
};
const given = {
  environment: 'prod',
  root: 'terraform/stacks/services',
  'state-bucket': 'shop-terraform',
  region: 'us-east-1',
  token: 'job-token',
};
const env = {
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'secret',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_SHA: '4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2',
  GITHUB_EVENT_NAME: 'push',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'may ask for any role',
};

async function drive(change: Record<string, string> = {}, script: TerraformScript = {}, event: object = {}) {
  const eventPath = join(folder, 'event.json');
  writeFileSync(eventPath, JSON.stringify(event));
  const played = { json: planDocument([secret]), text: 'Plan: 1 to add', ...script };
  const { command, started } = scriptedTerraform(played);
  const driven = await driveAction(
    { inputs, outputs, run: (values, deps) => run(values, { ...deps, command }) },
    { inputs: { ...given, ...change }, env: { ...env, GITHUB_EVENT_PATH: eventPath } },
  );
  return { ...driven, started };
}
const github = () => nock('https://api.github.com/repos/acme/shop');

describe('terraform-plan', () => {
  test('shows the plan in the summary, and gives counts and cost', async () => {
    const { outputs: told, summary, failed } = await drive();
    expect(failed).toBe(false);
    expect(told).toEqual({
      changes: 'true',
      digest: '',
      counts: '1 to add, 0 to change, 0 to destroy',
      cost: '0.40',
    });
    expect(summary).toContain('policies not checked: there is no checkov on the runner');
    expect(summary).toContain('Plan: 1 to add');
  });

  test('hands variables and no token to Terraform, and does not refresh unless it is told to', async () => {
    const { started } = await drive({ variables: 'environment=prod\nsizes={ a = 1 }' });
    const plan = started.find(({ args }) => args[0] === 'plan');
    expect(plan?.options.env).toMatchObject({
      TF_VAR_environment: 'prod',
      TF_VAR_sizes: '{ a = 1 }',
      AWS_REGION: 'us-east-1',
    });
    expect(Object.keys(plan?.options.env ?? {}).filter((name) => /^(ACTIONS_|INPUT_)/.test(name))).toEqual(
      [],
    );
    expect(plan?.args).toContain('-refresh=false');
    const checkov = started.find(({ program }) => program === 'checkov');
    expect(
      Object.keys(checkov?.options.env ?? {}).filter((name) => /^(ACTIONS_|INPUT_|AWS_)/.test(name)),
    ).toEqual([]);
    const again = await drive({ refresh: 'true' });
    expect(again.started.find(({ args }) => args[0] === 'plan')?.args).toContain('-refresh=true');
  });

  test('keeps the plan under its digest, only when it changes something', async () => {
    const key = /^\/prod\/plans\/services\/[0-9a-f]{64}\.tfplan/;
    nock('https://shop-terraform.s3.us-east-1.amazonaws.com').put(key).query(true).reply(200);
    const { outputs: told } = await drive({ keep: 'true' });
    expect(told.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const nothing = await drive({ keep: 'true' }, { planCode: 0, json: planDocument([]) });
    expect(nothing.outputs).toMatchObject({
      changes: 'false',
      digest: '',
      counts: 'no changes',
      cost: '0.00',
    });
  });

  test('refuses to write to a pull request that is none, before anything is planned', async () => {
    const { failed, stdout, started } = await drive({ 'report-to': 'pull-request' });
    expect(failed).toBe(true);
    expect(stdout).toContain('"report-to: pull-request" needs an event of a pull request; this one is push.');
    expect(started).toEqual([]);
  });

  test('says which permission is missing when the comment is refused; the plan is in the summary', async () => {
    github().get('/issues/7/comments').query(true).reply(200, []);
    github().post('/issues/7/comments').reply(403, { message: 'Resource not accessible by integration' });
    const event = { pull_request: { number: 7 } };
    const { failed, stdout, summary } = await drive({ 'report-to': 'pull-request' }, {}, event);
    expect(failed).toBe(true);
    expect(stdout).toContain('Add `pull-requests: write`');
    expect(summary).toContain('Plan: 1 to add');
  });

  test('shows the end of what Terraform said when it fails', async () => {
    const { failed, stdout } = await drive(
      {},
      { failing: { plan: 'Error: Unsupported argument\n  on main.tf line 3' } },
    );
    expect(failed).toBe(true);
    expect(stdout).toContain('terraform plan failed in terraform/stacks/services:');
    expect(stdout).toContain('on main.tf line 3');
  });

  test('says where a variable without a value is written', async () => {
    const { stdout } = await drive(
      {},
      { failing: { plan: 'Error: No value for required variable\n\n  on variables.tf line 1' } },
    );
    expect(stdout).toContain('Write it into "variables", NAME=value, one a line.');
  });

  test('warns of a variable that the module does not declare, which Terraform would pass over', async () => {
    const { failed, stdout } = await drive({ variables: 'enviroment=prod\nregion=us-east-1' });
    expect(failed).toBe(false);
    expect(stdout).toContain(
      '::warning::"variables" names "enviroment", which terraform/stacks/services does not declare. Did you mean "environment"?',
    );
    expect(stdout).not.toContain('names "region"');
  });

  test('asks nobody when there is no code in the folder, and names the near ones', async () => {
    const { failed, stdout, started } = await drive({ root: 'terraform/stacks/servces' });
    expect([failed, started]).toEqual([true, []]);
    expect(stdout).toMatch(
      /There is no Terraform code in terraform\/stacks\/servces .* Did you mean "services"\?/,
    );
  });
});

describe('a plan that must be the reviewed one', () => {
  const pulls = (list: object[]) =>
    github().get(`/commits/${env.GITHUB_SHA}/pulls`).query(true).reply(200, list);
  const comments = (body: string) =>
    github()
      .get('/issues/7/comments')
      .query(true)
      .reply(200, [{ id: 1, user: { type: 'Bot' }, body }]);
  const merged = [{ number: 7, merged_at: '2026-11-21T09:00:00Z' }];

  /** The comment that the plan of a pull request made. */
  async function shown(changes: readonly ChangeDocument[]): Promise<string> {
    let body = '';
    github().get('/issues/7/comments').query(true).reply(200, []);
    github()
      .post('/issues/7/comments', (made: { body: string }) => {
        body = made.body;
        return true;
      })
      .reply(201, {});
    await drive(
      { 'report-to': 'pull-request' },
      { json: planDocument(changes) },
      { pull_request: { number: 7 } },
    );
    return body;
  }

  test('goes on when it does the same', async () => {
    const body = await shown([secret]);
    pulls(merged);
    comments(body);
    expect((await drive({ reviewed: 'true' })).failed).toBe(false);
  });

  test('fails when it does something else', async () => {
    const body = await shown([{ ...secret, after: { name: 'other' } }]);
    pulls(merged);
    comments(body);
    const { failed, stdout } = await drive({ reviewed: 'true' });
    expect(failed).toBe(true);
    expect(stdout).toContain('This plan does something else than the one that pull request #7 showed');
  });

  test('is let through with a notice where no pull request was merged, or none showed a plan', async () => {
    pulls([]);
    expect((await drive({ reviewed: 'true' })).stdout).toContain(
      '::notice::No pull request showed this plan',
    );
    pulls(merged);
    comments('Looks good');
    expect((await drive({ reviewed: 'true' })).failed).toBe(false);
  });
});
