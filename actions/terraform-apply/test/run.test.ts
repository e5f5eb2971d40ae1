import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { type Driven, driveAction } from '../../core/test/doubles/action-drive.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { scriptedTerraform, type TerraformScript } from '../../core/test/doubles/scripted-terraform.ts';
import { inputs, outputs } from '../src/inputs.ts';
import { run } from '../src/run.ts';

afterEach(() => expect(nock.pendingMocks()).toEqual([]));
reachNockOnly();

const PLAN = 'a plan';
const HEX = createHash('sha256').update(PLAN).digest('hex');
const given = {
  environment: 'prod',
  root: 'terraform/stacks/services',
  'state-bucket': 'shop-terraform',
  region: 'us-east-1',
  digest: `sha256:${HEX}`,
};
const env = {
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'secret',
  GITHUB_WORKSPACE: '/home/runner/work/shop/shop',
};
const bucket = () =>
  nock('https://shop-terraform.s3.us-east-1.amazonaws.com')
    .get(`/prod/plans/services/${HEX}.tfplan`)
    .query(true);

async function drive(script: TerraformScript = {}, change: Record<string, string> = {}) {
  const { command, started } = scriptedTerraform(script);
  const driven: Driven = await driveAction(
    { inputs, outputs, run: (values, deps) => run(values, { ...deps, command }) },
    { inputs: { ...given, ...change }, env },
  );
  return { ...driven, verbs: started.map(({ args }) => args[0]), started };
}

describe('terraform-apply', () => {
  test('applies the plan that was kept, in its root and on its state', async () => {
    bucket().reply(200, PLAN);
    const { outputs: told, summary, verbs, started } = await drive();
    expect(told).toEqual({ result: 'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.' });
    expect(summary).toContain(`Plan \`sha256:${HEX}\`.`);
    expect(verbs).toEqual(['version', 'init', 'apply']);
    const [, init, apply] = started;
    expect(init?.options.cwd).toBe('/home/runner/work/shop/shop/terraform/stacks/services');
    expect(init?.args).toEqual(
      expect.arrayContaining([
        '-backend-config=key=prod/services.tfstate',
        '-backend-config=use_lockfile=true',
      ]),
    );
    expect(init?.args.join(' ')).not.toContain('encrypt');
    expect(apply?.args.at(-1)).toMatch(/plan\.tfplan$/);
  });

  test('refuses a plan that somebody has written over, before Terraform is started', async () => {
    bucket().reply(200, 'another plan');
    const { failed, stdout, verbs } = await drive();
    expect(failed).toBe(true);
    expect(stdout).toContain('is not the one that was made: it has the digest sha256:');
    expect(verbs).toEqual([]);
  });

  test('refuses a plan that is gone', async () => {
    bucket().reply(404, '<Error><Code>NoSuchKey</Code></Error>', { 'content-type': 'application/xml' });
    const { failed, stdout, verbs } = await drive();
    expect(failed).toBe(true);
    expect(stdout).toContain(
      `There is no plan at s3://shop-terraform/prod/plans/services/${HEX}.tfplan: plan again.`,
    );
    expect(verbs).toEqual([]);
  });

  test.each([
    ['Error: Saved plan is stale', 'The state has changed since the plan was made: plan again.'],
    ['Error: Error acquiring the state lock', 'Another run holds the state'],
    ['Error: AccessDenied: not authorized to perform: iam:CreateUser', "Look at the role's policies"],
  ])('says what to do about "%s"', async (said, hint) => {
    bucket().reply(200, PLAN);
    const { failed, stdout } = await drive({ failing: { apply: said } });
    expect(failed).toBe(true);
    expect(stdout).toContain('terraform apply failed in terraform/stacks/services:');
    expect(stdout).toContain(hint);
  });

  test.each([
    ['digest', 'latest', 'the output "digest" of terraform-plan'],
    ['root', '../elsewhere', 'the folder of a root module in the workspace'],
    ['root', '-chdir=x', 'the folder of a root module in the workspace'],
    ['state-bucket', 's3://x', 'the name of an S3 bucket'],
    ['state-key', 'prod/services', 'a key that ends in .tfstate'],
    ['environment', 'Prod!', 'the name of an environment, like prod'],
    ['terraform-version', 'latest', 'a version, like 1.11.4'],
    ['region', 'virginia', 'an AWS region'],
  ])('refuses %s "%s" before anything is done', async (name, value, expected) => {
    const { failed, stdout, verbs } = await drive({}, { [name]: value });
    expect(failed).toBe(true);
    expect(stdout).toContain(expected);
    expect(verbs).toEqual([]);
  });
});
