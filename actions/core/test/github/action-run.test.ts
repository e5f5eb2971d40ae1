import { describe, expect, test } from '@jest/globals';
import { UserError } from '../../src/errors.ts';
import type { Action } from '../../src/github/action-run.ts';
import { flag, requiredText } from '../../src/github/inputs.ts';
import { driveAction } from '../doubles/action-drive.ts';

const inputs = { name: requiredText(), 'dry-run': flag() };
type Greeting = Action<typeof inputs, 'greeting' | 'names'>;

const action = (run: Greeting['run']): Greeting => ({ inputs, outputs: ['greeting', 'names'], run });
const greet = action(async ({ name, 'dry-run': dryRun }, deps) => {
  deps.log.mask('hunter2');
  await deps.summary(`# ${name}`);
  return { outputs: { greeting: dryRun ? undefined : `hello ${name}`, names: [name] } };
});

describe('runAction', () => {
  test('reads inputs, writes outputs and the summary', async () => {
    const driven = await driveAction(greet, { inputs: { name: 'ada', 'dry-run': 'false' } });
    expect(driven.outputs).toEqual({ greeting: 'hello ada', names: '["ada"]' });
    expect(driven.summary).toBe('# ada\n');
    expect(driven.stdout).toContain('::add-mask::hunter2');
    expect(driven.failed).toBe(false);
  });

  test('gives an empty text for what has no value', async () => {
    const driven = await driveAction(greet, { inputs: { name: 'ada', 'dry-run': 'true' } });
    expect(driven.outputs.greeting).toBe('');
  });

  test('fails on a red verdict, with all outputs written', async () => {
    const red = action(async () => ({ outputs: { greeting: 'x', names: [] }, failure: 'api: failed' }));
    const driven = await driveAction(red, { inputs: { name: 'ada' } });
    expect(driven).toMatchObject({ failed: true, outputs: { greeting: 'x', names: '[]' } });
    expect(driven.stdout).toContain('::error::api: failed');
  });

  test('checks the inputs before anything runs', async () => {
    const driven = await driveAction(greet, { inputs: { 'dry-run': 'maybe' } });
    expect(driven).toMatchObject({ failed: true, outputs: {}, summary: '' });
    expect(driven.stdout).toBe(
      '::error::input "name" is required and empty%0Ainput "dry-run" is "maybe": expected true or false\n',
    );
  });

  test("shows a user's mistake as one annotation at its place, without a stack", async () => {
    const wrong = action(async () => {
      throw new UserError('MANIFEST_INVALID', 'bad key', {
        place: { file: 'berth.yaml', line: 3, column: 1 },
      });
    });
    const { stdout } = await driveAction(wrong, { inputs: { name: 'ada' } });
    expect(stdout).toBe('::error file=berth.yaml,line=3::bad key\n');
  });

  test('names call, role policy and request for a refusal of AWS', async () => {
    const refused = action(async () => {
      const error = Object.assign(new Error('not authorized'), {
        $metadata: { requestId: 'r-1' },
        operation: 'ecs:UpdateService',
      });
      error.name = 'AccessDeniedException';
      throw error;
    });
    const { stdout } = await driveAction(refused, { inputs: { name: 'ada' } });
    expect(stdout).toBe(
      '::error::ecs:UpdateService failed: AccessDeniedException: not authorized (request r-1). Allow ecs:UpdateService in the policy of the role this step uses.\n',
    );
  });

  test('says of anything else that it is our mistake, and shows where', async () => {
    const broken = action(async () => {
      throw new TypeError('x is not a function');
    });
    const { stdout, failed } = await driveAction(broken, { inputs: { name: 'ada' } });
    expect(failed).toBe(true);
    expect(stdout).toMatch(/This is a mistake in Berth.*TypeError: x is not a function%0A {4}at /);
  });

  test('says which permission is missing when a role is wanted and the job has no token', async () => {
    const assuming = action(async (_, deps) => {
      const { credentials } = deps.access({ role: 'arn:aws:iam::123456789012:role/deploy' });
      if (typeof credentials === 'function') await credentials();
      return { outputs: { greeting: '', names: [] } };
    });
    const { stdout } = await driveAction(assuming, { inputs: { name: 'ada' } });
    expect(stdout).toContain("Add `id-token: write` to the job's `permissions:`");
  });
});
