import { writeFileSync } from 'node:fs';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readInputs } from '../../actions/core/src/github/inputs.ts';
import { inputs as rollbackInputs } from '../../actions/rollback/src/inputs.ts';
import { digestOf, type GroundedStage, openGround, settle } from './ground.ts';
import { closeStages, targetGroupOf, taskDefinition } from './stage.ts';

afterAll(closeStages);

const SERVICE = { cluster: 'shop', service: 'web' };
const ACCOUNT = 'arn:aws:ecs:us-east-1:123456789012';

/** Three revisions of two commits, `web:4` running. */
async function openFour(): Promise<GroundedStage> {
  const stage = await openGround();
  for (const [tag, commit] of [
    ['2', 'aaaaaaa1'],
    ['3', 'aaaaaaa2'],
    ['4', 'bbbbbbb3'],
  ] as const) {
    await stage.ship(tag);
    const resourceArn = `${ACCOUNT}:task-definition/web:${tag}`;
    await stage.client.send(
      new TagResourceCommand({ resourceArn, tags: [{ key: 'git-sha', value: commit }] }),
    );
  }
  return stage;
}

describe('a rollback that is asked for wrongly is refused in words, and nothing is written:', () => {
  let stage: GroundedStage;
  beforeAll(async () => {
    stage = await openFour();
    await stage.open('jobs', '1');
    await stage.client.send(
      new CreateServiceCommand({
        cluster: 'shop',
        serviceName: 'gone',
        taskDefinition: 'web:1',
        desiredCount: 0,
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    );
    await stage.client.send(new DeleteServiceCommand({ cluster: 'shop', service: 'gone' }));
    writeFileSync(
      `${stage.workspace}/berth.yaml`,
      'version: 1\nenvironments: { prod: { account: "123456789012", region: us-east-1, cluster: shop } }\nservices: { web: {}, jobs: {} }\n',
    );
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a service that is missing', { service: 'wbe' }, /has no service "wbe"\. Did you mean "web"\?/],
    [
      'a cluster that is missing',
      { cluster: 'shpo' },
      /no cluster "shpo" in us-east-1\. Did you mean "shop"\?/,
    ],
    ['a service that is deleted', { service: 'gone' }, /Service "gone" is (INACTIVE|DRAINING): it is being/],
    ['a family that is missing', { to: 'wbe:1' }, /wbe:1 does not exist\. Did you mean "web"\?/],
    ['a number that the family lacks', { to: 'web:77' }, /web:77 does not exist; the family "web" exists/],
    ['two matches for a commit', { to: 'sha:aaaaaaa' }, /sha:aaaaaaa fits aaaaaaa2 and aaaaaaa1: give more/],
    ['an unknown commit', { to: 'sha:fffffff' }, /commit fffffff; it has run bbbbbbb3, aaaaaaa2, aaaaaaa1/],
    [
      'a time before the history',
      { to: 'before:2020-01-01T00:00:00Z' },
      /the history begins with the deployment/,
    ],
    [
      'a digest that never ran',
      { to: `sha256:${'f'.repeat(64)}` },
      /ran sha256:ffff.* \(ECS keeps 90 days\)/,
    ],
    [
      'a revision of another service',
      { to: `${ACCOUNT}:service-revision/shop/jobs/1234567890123456789` },
      /"to" is a revision of service "jobs", not of "web"/,
    ],
    [
      'a service revision that is gone',
      { to: `${ACCOUNT}:service-revision/shop/web/1234567890123456789` },
      /does not exist \(ECS keeps service revisions for 90 days\)/,
    ],
    [
      'a name for two services',
      { environment: 'prod', cluster: '', service: '', to: 'web:1' },
      /names one revision, but 2 services/,
    ],
    ['a service named twice over', { environment: 'prod' }, /leave one way out/],
    ['a first deployment', { service: 'jobs' }, /jobs: nothing to roll back to: no other service deployment/],
  ])('%s', async (_title, inputs, expected) => {
    const before = stage.writes().length;
    await expect(stage.rollback({ ...SERVICE, ...inputs })).rejects.toThrow(expected);
    expect(stage.writes().slice(before)).toEqual([]);
  });

  test.each([
    ['a service deployment', `${ACCOUNT}:service-deployment/shop/web/abc`],
    ['a time without a zone', 'before:2026-11-21T09:00:00'],
    ['a short commit', 'sha:abc'],
    ['a family without a number', 'web'],
  ])('%s as the target', (_title, to) => {
    expect(() => readInputs(rollbackInputs, (name) => (name === 'to' ? to : ''))).toThrow(
      /input "to" is .*: expected previous, family:revision, sha:</,
    );
  });

  test('a deployment of another service in the list of a run', () => {
    const item = {
      service: 'web',
      cluster: 'shop',
      serviceName: 'web',
      serviceDeploymentArn: `${ACCOUNT}:service-deployment/shop/jobs/abc`,
      taskDefinitionArn: `${ACCOUNT}:task-definition/web:1`,
      changed: true,
    };
    const given = JSON.stringify([item]);
    expect(() => readInputs(rollbackInputs, (name) => (name === 'deployments' ? given : ''))).toThrow(
      /input "deployments" is .*: expected the JSON list that deploy-service gives/,
    );
  });

  test('a service that something else than ECS deploys', async () => {
    const { access } = stage.deps;
    const other = await openFour();
    const { requestHandler } = other;
    const handle: typeof requestHandler.handle = async (request, options) => {
      const answer = await requestHandler.handle(request, options);
      if (!request.headers['x-amz-target']?.endsWith('DescribeServices')) return answer;
      const read = await other.client.send(
        new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }),
      );
      const [service] = read.services ?? [];
      const body = JSON.stringify({
        services: [
          {
            serviceName: 'web',
            clusterArn: service?.clusterArn,
            status: 'ACTIVE',
            deploymentController: { type: 'CODE_DEPLOY' },
          },
        ],
      });
      return { response: { ...answer.response, body: new TextEncoder().encode(body) } as never };
    };
    Object.assign(other.deps, {
      access: (who: Parameters<typeof access>[0]) => ({
        ...access(who),
        requestHandler: { ...requestHandler, handle },
      }),
    });
    await expect(other.rollback(SERVICE)).rejects.toThrow(/is deployed by the controller CODE_DEPLOY/);
  });
});

describe('a rollback of a service with desired count 0', () => {
  test('goes back, starts nothing, and says so', async () => {
    const stage = await openFour();
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, desiredCount: 0 }));
    await stage.clock.sleep(60_000);
    const back = await stage.rollback(SERVICE);
    expect(back.verdicts).toMatchObject([{ verdict: 'scaled-to-zero', green: true }]);
    expect(await stage.running('web')).toBe('web:3');
    expect((await stage.describe('web'))[0]?.desiredCount).toBe(0);
  });
});

describe('a rollback to a named revision while a deployment is under way', () => {
  test('turns that back first, and then deploys what was named', async () => {
    const stage = await openFour();
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'web:1' }));
    const before = stage.writes().length;
    const back = await stage.rollback({ ...SERVICE, to: 'web:2' });
    expect(back.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(stage.writes().slice(before)).toEqual(['StopServiceDeployment', 'UpdateService']);
    expect(await stage.running('web')).toBe('web:2');
  });

  test('only turns it back where that leads to what was named', async () => {
    const stage = await openFour();
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'web:1' }));
    const before = stage.writes().length;
    await stage.rollback({ ...SERVICE, to: 'web:4' });
    expect(stage.writes().slice(before)).toEqual(['StopServiceDeployment']);
    expect(await stage.running('web')).toBe('web:4');
  });

  test('leaves it alone where what was named cannot be deployed', async () => {
    const stage = await openFour();
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'web:1' }));
    stage.ground.images.delete(digestOf('2'));
    const before = stage.writes().length;
    await expect(stage.rollback({ ...SERVICE, to: 'web:2' })).rejects.toThrow(/web:2 does not exist/);
    expect(stage.writes().slice(before)).toEqual([]);
  });
});

describe('a rollback with the scope of the service', () => {
  /** What UpdateService is sent, as it is on the wire. */
  function tapUpdates(stage: GroundedStage): unknown[] {
    const sent: unknown[] = [];
    const { access } = stage.deps;
    Object.assign(stage.deps, {
      access: (who: Parameters<typeof access>[0]) => {
        const given = access(who);
        const handler = given.requestHandler as GroundedStage['requestHandler'];
        const handle: typeof handler.handle = (request, options) => {
          const text =
            request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : request.body;
          if (request.headers['x-amz-target']?.endsWith('UpdateService')) sent.push(JSON.parse(text ?? ''));
          return handler.handle(request, options);
        };
        return { ...given, requestHandler: { ...handler, handle } };
      },
    });
    return sent;
  }

  test('carries back what differs in the service since, and nothing else', async () => {
    const stage = await openFour();
    const [container] = taskDefinition('web', '5').containerDefinitions as object[];
    const both = [{ containerPort: 8000 }, { containerPort: 9000 }];
    await stage.ship('5', { containerDefinitions: [{ ...container, portMappings: both }] });
    const loadBalancers = [
      { targetGroupArn: targetGroupOf('web'), containerName: 'web', containerPort: 9000 },
    ];
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, loadBalancers }));
    await settle(stage);
    const sent = tapUpdates(stage);
    await expect(stage.rollback({ ...SERVICE, to: 'sha:bbbbbbb' })).rejects.toThrow(/sends to web:9000/);
    await stage.rollback({ ...SERVICE, to: 'sha:bbbbbbb', scope: 'service' });
    expect(sent).toEqual([
      {
        cluster: expect.stringContaining('cluster/shop'),
        service: 'web',
        taskDefinition: expect.stringMatching(/web:4$/),
        loadBalancers: [expect.objectContaining({ containerName: 'web', containerPort: 8000 })],
      },
    ]);
  });
});
