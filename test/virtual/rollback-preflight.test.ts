import { writeFileSync } from 'node:fs';
import {
  RegisterScalableTargetCommand,
  TagResourceCommand as TagScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  CreateServiceCommand,
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { PreflightFinding } from '../../actions/core/src/decide/preflight-finding.ts';
import { UserError } from '../../actions/core/src/errors.ts';
import { digestOf, type GroundedStage, openGround, settle } from './ground.ts';
import { type Behaviours, closeStages, targetGroupOf, taskDefinition } from './stage.ts';

afterAll(closeStages);

const SERVICE = { cluster: 'shop', service: 'web' };
const RESOURCE = 'service/shop/web';

/** The stage as most rows need it: `web:2` and `web:3` have succeeded one after the other, `web:3` runs. */
async function openRow(alarms: string[] = [], behaviours: Behaviours = {}): Promise<GroundedStage> {
  const stage = await openGround(alarms, behaviours);
  await stage.ship('2');
  await stage.clock.sleep(3_600_000);
  await stage.ship('3');
  await stage.clock.sleep(3_600_000);
  return stage;
}

async function arnOf(stage: GroundedStage, name: string): Promise<string> {
  const { taskDefinition } = await stage.client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: name }),
  );
  return taskDefinition?.taskDefinitionArn ?? '';
}

/** The item that deploy-service would have handed over for the newest deployment. */
async function ours(stage: GroundedStage): Promise<{ deployments: string }> {
  const item = {
    service: 'web',
    cluster: 'shop',
    serviceName: 'web',
    serviceDeploymentArn: await stage.newestArn('web'),
    taskDefinitionArn: await arnOf(stage, await stage.running('web')),
    changed: true,
  };
  return { deployments: JSON.stringify([item]) };
}

async function hold(stage: GroundedStage): Promise<void> {
  const ServiceNamespace = 'ecs';
  const ScalableDimension = 'ecs:service:DesiredCount';
  const target = { ServiceNamespace, ScalableDimension, ResourceId: RESOURCE } as const;
  const made = await stage.scalingClient.send(
    new RegisterScalableTargetCommand({
      ...target,
      MinCapacity: 1,
      MaxCapacity: 4,
      SuspendedState: { DynamicScalingInSuspended: true },
    }),
  );
  const ResourceARN = made.ScalableTargetARN ?? '';
  await stage.scalingClient.send(
    new TagScalableTargetCommand({ ResourceARN, Tags: { 'berth-holds': 'scale-in' } }),
  );
}

/** What a plan says of the one service. */
interface Planned {
  kind: string;
  why?: string;
  way?: string;
  targetTaskDefinitionArn?: string;
  skipped?: { revision: string; why: string }[];
  findings: PreflightFinding[];
}

/**
 * One of the 27 ways in which rollbacks go wrong. `refuses`: nothing is written, and the words say why. `acts`:
 * it is set right or gone round, as `holds` says. `tells`: part of the plan, in these words.
 */
interface Row {
  name: string;
  alarms?: string[];
  behaviours?: Behaviours;
  arrange?(stage: GroundedStage): Promise<void>;
  inputs?: Record<string, string>;
  /** A run undoes its own deployment; else a person asks. */
  automatic?: boolean;
  refuses?: RegExp;
  acts?: RegExp;
  tells?: RegExp;
  holds?(stage: GroundedStage, writes: string[]): Promise<void>;
}

const UPDATE = ['UpdateService'];

const ROWS: Record<number, Row> = {
  1: {
    name: 'the schema went forward, and the older code cannot read it',
    async arrange(stage) {
      const [container] = taskDefinition('web', '4').containerDefinitions as object[];
      const label = { dockerLabels: { 'berth.schema': '8..9' } };
      await stage.ship('4', { containerDefinitions: [{ ...container, ...label }] });
      await stage.ship('5');
    },
    inputs: { 'schema-version': '10' },
    refuses: /the schema is at 10, and the target understands 8\.\.9: roll forward/,
  },
  2: {
    name: 'a lifecycle rule has removed the image',
    arrange: async ({ ground }) => void ground.images.delete(digestOf('2')),
    refuses: /image .*shop\/web:2 does not exist/,
  },
  3: {
    name: 'the image is archived',
    arrange: async ({ ground }) => void ground.images.set(digestOf('2'), 'ARCHIVED'),
    refuses: /is archived: restore it, and try again .*update-image-storage-class/,
  },
  4: {
    name: 'the tag points elsewhere now',
    arrange: async ({ ground }) => {
      ground.tags.set('2', digestOf('9'));
      ground.images.set(digestOf('9'), 'ACTIVE');
    },
    acts: /the tag of image .*:2 points to sha256:09.* now: a copy is registered with sha256:02/,
    async holds(stage, writes) {
      expect(writes).toEqual(['RegisterTaskDefinition', ...UPDATE]);
      const copy = await stage.client.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: 'web', include: ['TAGS'] }),
      );
      expect(copy.taskDefinition?.containerDefinitions?.[0]?.image).toMatch(
        new RegExp(`shop/web@${digestOf('2')}$`),
      );
      expect(copy.tags).toContainEqual({ key: 'copied-from', value: await arnOf(stage, 'web:2') });
    },
  },
  5: {
    name: 'the task definition is INACTIVE',
    arrange: async ({ client }) => {
      await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:2' }));
    },
    acts: /the target is INACTIVE: an equal copy is registered/,
    holds: async (stage) => expect(await stage.running('web')).toBe('web:4'),
  },
  6: {
    name: 'the task definition is deleted',
    arrange: async ({ client }) => {
      await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:2' }));
      await client.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: ['web:2'] }));
    },
    acts: /web:2 (cannot be deployed|does not exist)/,
    holds: async (stage) => expect(await stage.running('web')).toBe('web:1'),
  },
  7: {
    name: 'a secret is deleted',
    arrange: async ({ ground }) => void Object.assign(ground.secret, { exists: false }),
    refuses: /secret key-AbCdEf does not exist/,
  },
  8: {
    name: 'a role is gone',
    arrange: async ({ ground }) => void ground.roles.delete('execution'),
    refuses: /role execution does not exist/,
  },
  9: {
    name: 'the port moved on in the service, and only the task definition would go back',
    async arrange(stage) {
      const document = taskDefinition('web', '4');
      const [container] = document.containerDefinitions as object[];
      const moved = {
        ...document,
        containerDefinitions: [{ ...container, portMappings: [{ containerPort: 9000 }] }],
      };
      await stage.client.send(new RegisterTaskDefinitionCommand(moved as never));
      await stage.client.send(
        new UpdateServiceCommand({
          ...SERVICE,
          taskDefinition: 'web:4',
          loadBalancers: [
            { targetGroupArn: targetGroupOf('web'), containerName: 'web', containerPort: 9000 },
          ],
        }),
      );
      await settle(stage);
    },
    refuses: /the load balancer sends to web:9000, which the target does not have: write "scope: service"/,
  },
  10: {
    name: 'autoscaling has set the desired count',
    arrange: async ({ client }) => {
      await client.send(new UpdateServiceCommand({ ...SERVICE, desiredCount: 5 }));
    },
    acts: /from web:3 to web:2/,
    holds: async (stage) => expect((await stage.describe('web'))[0]?.desiredCount).toBe(5),
  },
  11: {
    name: 'a killed run left autoscaling suspended',
    arrange: hold,
    acts: /an earlier run holds autoscaling \(scale-in\): it is resumed at the end/,
    async holds(stage, writes) {
      expect(writes).toEqual([...UPDATE, 'RegisterScalableTarget', 'UntagResource']);
      expect(stage.deps.log.lines.join('\n')).toContain(`Autoscaling of ${RESOURCE} is resumed: scale-in`);
    },
  },
  12: {
    name: 'a deployment is running',
    arrange: async ({ client }) => {
      await client.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'web:1' }));
    },
    acts: /stop service deployment .*: it is under way, so ECS can go back by itself/,
    holds: async (stage, writes) => {
      expect(writes).toEqual(['StopServiceDeployment']);
      expect(await stage.running('web')).toBe('web:3');
    },
  },
  14: {
    name: 'ECS has gone back by itself, and a second rollback would go one further',
    behaviours: { 'web:4': { exits: { afterMs: 100, code: 3 } } },
    arrange: (stage) => stage.ship('4'),
    acts: /ECS has gone back by itself already, so nothing is left to do/,
    holds: async (stage, writes) => {
      expect(writes).toEqual([]);
      expect(await stage.running('web')).toBe('web:3');
    },
  },
  15: {
    name: 'it goes to and fro between bad revisions',
    async arrange(stage) {
      for (const to of ['web:2', 'web:1']) {
        await stage.client.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: to }));
        await settle(stage);
      }
      await stage.ship('4');
    },
    automatic: true,
    refuses: /went back to 2 different revisions within the last hour: held, a person should choose/,
  },
  16: {
    name: 'a rollback of a rollback would come back to the bad one',
    async arrange(stage) {
      await stage.rollback(SERVICE);
      await stage.clock.sleep(2 * 3_600_000);
    },
    acts: /web:3 was left by going back to web:2/,
    holds: async (stage) => expect(await stage.running('web')).toBe('web:1'),
  },
  17: {
    name: 'the revision with the next lower number never ran',
    async arrange(stage) {
      await stage.client.send(new RegisterTaskDefinitionCommand(taskDefinition('web', 'never') as never));
      await stage.ship('5');
    },
    acts: /from web:5 to web:3/,
    holds: async (stage) => expect(await stage.running('web')).toBe('web:3'),
  },
  18: {
    name: 'an alarm of the deployments is in ALARM already',
    alarms: ['5xx'],
    arrange: async ({ ground }) => void ground.alarms.set('5xx', 'ALARM'),
    acts: /5xx in ALARM could fail the rollback: the alarms are off for this deployment/,
    async holds(stage, writes) {
      expect(writes).toEqual(['TagResource', 'UpdateService', 'UpdateService', 'UntagResource']);
      const [service] = await stage.describe('web');
      expect(service?.deploymentConfiguration?.alarms).toMatchObject({ enable: true, alarmNames: ['5xx'] });
      expect(await stage.history('web')).toHaveLength(4);
    },
  },
  20: {
    name: 'another service stays on the newer version',
    arrange: async ({ client }) => {
      const create = { cluster: 'shop', serviceName: 'jobs', taskDefinition: 'web:3', desiredCount: 1 };
      const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
      await client.send(new CreateServiceCommand({ ...create, networkConfiguration }));
    },
    tells: /jobs of this cluster run web too and stay as they are/,
  },
  21: {
    name: 'Terraform would set the newer revision again',
    tells: /what Terraform pins and would set at its next apply/,
  },
  22: { name: 'caches serve what fits the newer version', tells: /caches of browsers and networks/ },
  23: {
    name: 'the settings leave no room for another task',
    arrange: async ({ client }) => {
      const deploymentConfiguration = { minimumHealthyPercent: 90, maximumPercent: 100 };
      await client.send(new UpdateServiceCommand({ ...SERVICE, deploymentConfiguration }));
    },
    refuses: /minimumHealthyPercent 90 and maximumPercent 100 let no task of 2 start or stop/,
  },
  24: {
    name: 'the older tasks are gone, so it takes a whole deployment',
    acts: /a whole deployment starts tasks of web:2 anew: .*; \d+ s when it was deployed/,
  },
  25: {
    name: 'the credentials have expired when the rollback is needed',
    arrange: async ({ deps }) => {
      const credentials = async () => {
        throw new UserError('CREDENTIALS_REFUSED', 'AWS refused the token of this job.');
      };
      Object.assign(deps, { access: () => ({ region: 'us-east-1', credentials }) });
    },
    refuses: /AWS refused the token of this job/,
  },
  26: {
    name: 'the newer version has written one-way data',
    tells: /messages, offsets and data the newer version has written/,
  },
  27: {
    name: 'old targets drain while requests still come',
    arrange: async ({ ground }) => void Object.assign(ground, { drainSeconds: 300 }),
    tells: /old targets drain for up to 300 s; watch HTTPCode_ELB_5XX_Count/,
  },
};

/** Runs the step and gives what it said: the error, or the plan and the log. */
async function rollBack(stage: GroundedStage, inputs: Record<string, string>): Promise<string> {
  const from = stage.deps.log.lines.length;
  try {
    const { outputs, failure } = await stage.rollback(inputs);
    const [plan] = outputs.plan as Planned[];
    const found = plan?.findings.map(({ text }) => text) ?? [];
    return [...stage.deps.log.lines.slice(from), plan?.why, plan?.way, ...found, failure].join('\n');
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a rollback that would go wrong because', () => {
  test.each(Object.entries(ROWS).map(([number, row]) => ({ number, row, name: row.name })))(
    '$number: $name',
    async ({ number, row }) => {
      const stage = await openRow(row.alarms, row.behaviours);
      await row.arrange?.(stage);
      const from = row.automatic ? await ours(stage) : SERVICE;
      const inputs = { ...from, ...row.inputs };
      const before = stage.writes().length;
      const written = () => stage.writes().slice(before);

      const planned = await rollBack(stage, { ...inputs, 'dry-run': 'true' });
      expect(planned).toMatch(row.refuses ?? row.acts ?? row.tells ?? number);
      expect(written()).toEqual([]);
      if (row.tells) return;

      const said = await rollBack(stage, inputs);
      if (row.refuses) {
        expect(said).toMatch(row.refuses);
        expect(written()).toEqual([]);
      }
      await row.holds?.(stage, written());
    },
  );

  test('13: the first deployment is the only one', async () => {
    const stage = await openGround();
    const before = stage.writes().length;
    expect(await rollBack(stage, SERVICE)).toMatch(/nothing to roll back to: no other service deployment/);
    expect(stage.writes().slice(before)).toEqual([]);
  });

  test('19: one of several services has no way back', async () => {
    const stage = await openRow();
    await stage.open('api', '1');
    writeFileSync(
      `${stage.workspace}/berth.yaml`,
      'version: 1\nenvironments: { prod: { account: "123456789012", region: us-east-1, cluster: shop } }\nservices: { web: {}, api: {} }\n',
    );
    const before = stage.writes().length;
    const said = await rollBack(stage, { environment: 'prod' });
    expect(said).toMatch(/api: nothing to roll back to: .*\nNothing was written\./);
    expect(stage.writes().slice(before)).toEqual([]);
  });

  test('all 27 are there, at least 22 of them refused or set right before they do harm', () => {
    const told = Object.values(ROWS).filter(({ tells }) => tells).length;
    expect(Object.keys(ROWS).map(Number)).toEqual(
      Array.from({ length: 27 }, (_, i) => i + 1).filter((n) => n !== 13 && n !== 19),
    );
    expect(27 - told).toBeGreaterThanOrEqual(22);
  });
});

describe('the alarms of the deployments', () => {
  const alarmsOf = async (stage: GroundedStage) => {
    const [service] = await stage.describe('web');
    return service?.deploymentConfiguration?.alarms;
  };

  test('that a killed rollback has left off are put on again by the next one', async () => {
    const stage = await openRow(['5xx']);
    const resourceArn = (await stage.describe('web'))[0]?.serviceArn ?? '';
    const tags = [{ key: 'berth-alarms-off', value: '2026-11-21T00:00:00Z' }];
    await stage.client.send(new TagResourceCommand({ resourceArn, tags }));
    const alarms = { alarmNames: ['5xx'], enable: false, rollback: true };
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, deploymentConfiguration: { alarms } }));
    expect(await rollBack(stage, SERVICE)).toMatch(
      /an earlier rollback that did not end left the alarms off/,
    );
    expect(await alarmsOf(stage)).toEqual({ ...alarms, enable: true });
  });

  test('that somebody else has switched off stay off', async () => {
    const stage = await openRow(['5xx']);
    const alarms = { alarmNames: ['5xx'], enable: false, rollback: true };
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, deploymentConfiguration: { alarms } }));
    await stage.rollback(SERVICE);
    expect(await alarmsOf(stage)).toEqual(alarms);
  });

  test('stay on where that cannot be remembered on the service', async () => {
    const stage = await openRow(['5xx']);
    stage.ground.alarms.set('5xx', 'ALARM');
    stage.ground.denied.add('TagResource');
    const before = stage.writes().length;
    expect(await rollBack(stage, SERVICE)).toMatch(
      /the alarms stay on during the rollback: ecs:TagResource failed/,
    );
    expect(stage.writes().slice(before)).toEqual(['UpdateService']);
    expect(await alarmsOf(stage)).toMatchObject({ enable: true });
  });
});

describe('what a look ahead may not see', () => {
  test('is told, refuses nothing, and the rollback goes on', async () => {
    const stage = await openRow(['5xx']);
    for (const denied of [
      'DescribeImages',
      'DescribeSecret',
      'GetRole',
      'DescribeAlarms',
      'DescribeScalableTargets',
      'DescribeTargetGroupAttributes',
    ])
      stage.ground.denied.add(denied);
    const back = await stage.rollback(SERVICE);
    expect(back.verdicts).toMatchObject([{ verdict: 'succeeded' }]);
    const [plan] = back.outputs.plan as Planned[];
    expect(plan?.findings.map(({ check }) => check).sort()).toEqual([
      'alarms-unchecked',
      'autoscaling-unchecked',
      'draining-unchecked',
      'image-unchecked',
      'role-unchecked',
      'secret-unchecked',
      'unseen',
    ]);
    expect(plan?.findings.every(({ kind }) => kind === 'warn')).toBe(true);
  });

  test('a role that the caller may not pass is refused with the statement it lacks', async () => {
    const stage = await openRow();
    stage.ground.passes = 'implicitDeny';
    const before = stage.writes().length;
    expect(await rollBack(stage, SERVICE)).toMatch(
      /role execution cannot be used: arn:aws:iam::123456789012:role\/deploy may not pass it \(implicitDeny\): allow iam:PassRole on arn:aws:iam::123456789012:role\/execution/,
    );
    expect(stage.writes().slice(before)).toEqual([]);
  });

  test('a secret that changed since is told', async () => {
    const stage = await openRow();
    stage.ground.secret.changedAt = stage.clock.now();
    expect(await rollBack(stage, { ...SERVICE, 'dry-run': 'true' })).toMatch(
      /secret key-AbCdEf was changed after the target was deployed/,
    );
  });

  test('a migration since is refused, unless the risk is taken', async () => {
    const stage = await openRow();
    const resourceArn = await arnOf(stage, 'web:3');
    const tags = [{ key: 'migrated-at', value: '2026-11-21T00:00:00Z' }];
    await stage.client.send(new TagResourceCommand({ resourceArn, tags }));
    expect(await rollBack(stage, SERVICE)).toMatch(/a migration ran with web:3 since.*roll forward/);
    await stage.rollback({ ...SERVICE, 'accept-schema-risk': 'true' });
    expect(await stage.running('web')).toBe('web:2');
  });
});
