import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, test } from '@jest/globals';
import { closeStages, openStage, type Stage } from './stage.ts';

afterAll(closeStages);

/** Two commits in the stage's workspace, the older first. */
function commitTwice({ workspace }: Stage): [string, string] {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', workspace, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    }).trim();
  git('init', '-q');
  const commit = (): string => {
    git('commit', '-q', '--allow-empty', '-m', 'a change');
    return git('rev-parse', 'HEAD');
  };
  return [commit(), commit()];
}

/** A service that runs the newer of two commits, and the run of one of them. */
async function openNewer() {
  const stage = await openStage();
  await stage.open('web', '1');
  const [older, newer] = commitTwice(stage);
  const runOf = (sha: string) => Object.assign(stage.deps.github, { sha });
  runOf(newer);
  await stage.wait({ deployments: JSON.stringify((await stage.deploy('web', '2')).deployments) });
  return { stage, older, newer, runOf };
}

describe('the order of commits', () => {
  test('an older commit over a newer one is refused before anything is written', async () => {
    const { stage, older, newer, runOf } = await openNewer();
    runOf(older);
    const before = stage.calls.length;
    const { message } = await stage.deploy('web', '3').then(
      () => new Error('deployed'),
      (error: Error) => error,
    );
    expect(message).toContain(
      `runs web:2 of commit ${newer.slice(0, 12)}, which descends from ${older.slice(0, 12)}`,
    );
    expect(message).toContain('allow-older: true');
    const calls = stage.calls.slice(before);
    expect(calls.filter((call) => /^(Update|Register|Stop)/.test(call))).toEqual([]);
  });

  test('an older commit is deployed where that is allowed', async () => {
    const { stage, older, runOf } = await openNewer();
    runOf(older);
    const { outputs } = await stage.deploy('web', '3', { 'allow-older': 'true' });
    expect(outputs.changed).toBe(true);
  });

  test('a commit nobody knows is no reason to refuse', async () => {
    const { stage, runOf } = await openNewer();
    runOf('0'.repeat(40));
    expect((await stage.deploy('web', '3')).outputs.changed).toBe(true);
  });
});

describe('the plan of a deployment', () => {
  test('shows what differs in the log, in the output and on the page of the job', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const { outputs } = await stage.deploy('web', '2', { 'dry-run': 'true' });
    expect(outputs.plan).toMatchObject([
      { changes: [{ path: 'web.image', before: 'web:1', after: 'web:2' }] },
    ]);
    expect(stage.deps.log.lines).toContain('web:   ~ web.image: web:1 -> web:2');
    expect(stage.deps.summaries.join()).toContain('- web.image: web:1\n+ web.image: web:2');
  });
});
