import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { terminalLog } from '../../cli/src/terminal-log.ts';
import { renderVerbHelp, runVerb } from '../../cli/src/verb-run.ts';
import { closeStages, handOver, openStage, type Stage, taskDefinition } from './stage.ts';

afterAll(closeStages);

/** Runs a verb as the shell would, beside a virtual ECS. */
async function berth(stage: Stage, verb: string, words: string[]) {
  const printed: string[] = [];
  let log = '';
  const write = (text: string): void => {
    log += text;
  };
  const { clock, random, access, github } = stage.deps;
  const code = await runVerb(verb, words, {
    print: (line) => printed.push(line),
    log: terminalLog({ write, isTTY: false }),
    env: {},
    signal: new AbortController().signal,
    commit: async () => '4f5e6d7c8b9a',
    deps: { clock, random, access, github },
  });
  return { code, log, outputs: printed[0] === undefined ? {} : JSON.parse(printed[0]) };
}

const WHERE = ['--cluster', 'shop', '--service', 'web'];

describe('berth from a shell, without GitHub', () => {
  test('deploys, waits and rolls back with the inputs of the actions as flags', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    writeFileSync(join(stage.workspace, 'web.json'), JSON.stringify(taskDefinition('web', '2')));
    const deployed = await berth(stage, 'deploy', [...WHERE, '--task-definition', 'web.json', '--json']);
    expect([deployed.code, deployed.outputs.changed]).toEqual([0, 'true']);
    const waited = await berth(stage, 'wait', ['--deployments', deployed.outputs.deployments, '--json']);
    expect([waited.code, waited.outputs.verdict]).toEqual([0, 'succeeded']);
    expect(await stage.running('web')).toBe('web:2');
    const back = await berth(stage, 'rollback', [...WHERE, '--to=previous', '--json']);
    expect([back.code, back.outputs.verdict]).toEqual([0, 'succeeded']);
    expect(await stage.running('web')).toBe('web:1');
  });

  test('prints a plan and writes nothing for a dry run', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const { code, log, outputs } = await berth(stage, 'rollback', [...WHERE, '--dry-run', '--json']);
    expect([code, JSON.parse(outputs.plan)]).toMatchObject([0, [{ service: 'web', kind: 'none' }]]);
    expect(log).toContain('nothing to roll back to');
    expect(stage.calls).not.toContain('UpdateService');
  });

  test('shows the commits that a rollback takes away, from the clone at hand', async () => {
    const stage = await openStage();
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', stage.workspace, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
        encoding: 'utf8',
      }).trim();
    git('init', '-q');
    await stage.open('web', '1');
    for (const [image, subject] of [
      ['2', 'Add totals'],
      ['3', 'Round them'],
    ] as const) {
      git('commit', '-q', '--allow-empty', '-m', subject);
      Object.assign(stage.deps.github, { sha: git('rev-parse', 'HEAD') });
      await stage.wait(handOver(await stage.deploy('web', image)));
    }
    const { log, outputs } = await berth(stage, 'rollback', [...WHERE, '--dry-run', '--json']);
    expect(log).toMatch(/1 commit goes away:\n.*web: {5}[0-9a-f]{12} Round them/);
    expect(JSON.parse(outputs.plan)[0].commits).toMatchObject({
      total: 1,
      commits: [{ subject: 'Round them' }],
    });
  });

  test('ends red with the sentence of the verdict', async () => {
    const stage = await openStage({ 'web:2': { exits: { afterMs: 100, code: 3 } } });
    await stage.open('web', '1');
    await stage.deploy('web', '2');
    const { code, log } = await berth(stage, 'wait', WHERE);
    expect(code).toBe(1);
    expect(log).toMatch(/error: web \(web:2\) rolled-back by the circuit breaker/);
  });

  test('refuses a flag that is no input before anything is read', async () => {
    const stage = await openStage();
    const before = stage.calls.length;
    const { code, log } = await berth(stage, 'deploy', ['--clutser', 'shop']);
    expect([code, stage.calls.length - before]).toEqual([2, 0]);
    expect(log).toContain('Did you mean "--cluster"?');
  });

  test.each(['ship', 'deploy', 'wait', 'rollback', 'smoke'])('lists the flags of %s', async (verb) => {
    const help = (await renderVerbHelp(verb)).join('\n');
    expect(help).toContain('--environment');
    expect(help).toContain('--manifest (berth.yaml)');
  });
});
