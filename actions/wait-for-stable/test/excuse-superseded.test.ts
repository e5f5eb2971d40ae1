import { describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { ecsClient } from '../../core/src/aws-clients.ts';
import { tryDescends } from '../../core/src/github/commit-order.ts';
import type { SummaryRow } from '../../core/src/report/verdict-summary.ts';
import { deploymentArn, revisionArn, taskDefinitionArn } from '../../core/test/decide/readings.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { recordingLog } from '../../core/test/doubles/recording-log.ts';
import { type Answer, refuse, scriptedAws } from '../../core/test/doubles/scripted-aws.ts';
import { excuseSuperseded } from '../src/excuse-superseded.ts';

const row: SummaryRow = {
  service: 'email-api',
  cluster: 'shop',
  serviceName: 'email-api',
  serviceDeploymentArn: deploymentArn('ours'),
  taskDefinitionArn: taskDefinitionArn(2),
  verdict: {
    word: 'superseded',
    green: false,
    reason: '',
    by: { kind: 'deployment', serviceDeploymentArn: deploymentArn('theirs') },
  },
  seconds: 3,
  digests: [],
  commit: 'a'.repeat(40),
};

async function excuse(
  descends: boolean | undefined,
  change: object = {},
  tags: Answer = { tags: [{ key: 'git-sha', value: 'b'.repeat(40) }] },
) {
  const aws = scriptedAws(({ operation }) => {
    if (operation === 'DescribeServiceDeployments') {
      return {
        serviceDeployments: [
          { serviceDeploymentArn: deploymentArn('theirs'), targetServiceRevision: { arn: revisionArn(3) } },
        ],
      };
    }
    if (operation === 'DescribeServiceRevisions') {
      return {
        serviceRevisions: [{ serviceRevisionArn: revisionArn(3), taskDefinition: taskDefinitionArn(3) }],
      };
    }
    return { taskDefinition: { taskDefinitionArn: taskDefinitionArn(3) }, ...tags };
  });
  const log = recordingLog();
  const [judged] = await excuseSuperseded([{ ...row, ...change }], {
    ecs: ecsClient(aws.access),
    log,
    descends: async () => descends,
  });
  return { green: judged?.verdict.green, notices: log.annotations.length, calls: aws.calls.length };
}

describe('a superseded deployment', () => {
  test('is green with a notice when the newer commit descends from ours', async () => {
    expect(await excuse(true)).toMatchObject({ green: true, notices: 1 });
  });

  test.each<[string, Parameters<typeof excuse>]>([
    ['it does not', [false]],
    ['nobody can tell', [undefined]],
    ['our commit is not known', [true, { commit: undefined }]],
    ['the newer revision carries no commit', [true, {}, { tags: [] }]],
  ])('stays red when %s', async (_title, given) => {
    expect(await excuse(...given)).toMatchObject({ green: false, notices: 0 });
  });

  test('stays red when the newer one may not be read', async () => {
    const aws = scriptedAws(() => refuse('AccessDeniedException'));
    const deps = { ecs: ecsClient(aws.access), log: recordingLog(), descends: async () => true };
    expect((await excuseSuperseded([row], deps))[0]?.verdict.green).toBe(false);
  });

  test('is not asked about for other verdicts', async () => {
    expect(await excuse(true, { verdict: { word: 'succeeded', green: true, reason: '' } })).toMatchObject({
      calls: 0,
    });
  });
});

describe('asking GitHub for the order of commits', () => {
  const github = { repository: 'acme/shop', apiUrl: 'https://api.github.com' };
  const commits = { older: 'aaa', newer: 'bbb' };
  const compare = () => nock('https://api.github.com').get('/repos/acme/shop/compare/aaa...bbb?per_page=1');
  reachNockOnly();

  test.each([
    ['ahead', true],
    ['identical', true],
    ['behind', false],
    ['diverged', false],
  ])('%s means %s', async (status, expected) => {
    compare().matchHeader('authorization', 'Bearer token').reply(200, { status });
    expect(await tryDescends(github, 'token', commits)).toBe(expected);
  });

  test('gives no answer when GitHub gives none', async () => {
    compare().reply(404, {});
    expect(await tryDescends(github, 'token', commits)).toBeUndefined();
    compare().replyWithError('no network');
    expect(await tryDescends(github, 'token', commits)).toBeUndefined();
    expect(await tryDescends(github, undefined, commits)).toBeUndefined();
  });
});
