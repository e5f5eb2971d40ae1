import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { copyTree, imageOf, planOf, type Tree, variables } from './tree.ts';

const STACK = 'stacks/single';

type State = { resources: { type: string; name: string; instances: { attributes: Attributes }[] }[] };
type Attributes = Record<string, unknown> & {
  load_balancer: Record<string, unknown>[];
  action: { forward: { target_group: { weight: number }[] }[] }[];
};

/** What a deployment, a rollback, scaling or a shift of traffic leaves in AWS, as a refresh would find it. */
const CHANGES: Record<string, (state: State) => void> = {
  'a deployment': (state) => change(state, 'aws_ecs_service', toRevision(7)),
  'a rollback': (state) => change(state, 'aws_ecs_service', toRevision(2)),
  scaling: (state) => change(state, 'aws_ecs_service', (service) => ({ ...service, desired_count: 5 })),
  'a hold of scaling': (state) =>
    change(state, 'aws_appautoscaling_target', (target) => ({
      ...target,
      suspended_state: [
        {
          dynamic_scaling_in_suspended: true,
          dynamic_scaling_out_suspended: true,
          scheduled_scaling_suspended: true,
        },
      ],
    })),
  'storage of the first revision elsewhere': (state) =>
    change(state, 'aws_ecs_task_definition', (definition) => ({
      ...definition,
      container_definitions: '[]',
    })),
};

/** Only where two target groups take turns. */
const SHIFTS: Record<string, (state: State) => void> = {
  'a change of sides': (state) =>
    change(state, 'aws_ecs_service', (service) => ({
      ...service,
      load_balancer: service.load_balancer.map((balancer) => ({
        ...balancer,
        target_group_arn: 'arn:green',
      })),
    })),
  'a shift of weights': (state) =>
    change(state, 'aws_lb_listener_rule', (rule) => {
      const [forward] = rule.action[0]?.forward ?? [];
      for (const group of forward?.target_group ?? []) group.weight = 100 - group.weight;
      return rule;
    }),
};

const toRevision =
  (revision: number) =>
  (service: Attributes): Attributes => ({
    ...service,
    task_definition: String(service.task_definition).replace(/(:\d+)?$/, `:${revision}`),
  });

/** Changes every resource of a type; throws when there is none, so that no case passes by saying nothing. */
function change(state: State, type: string, to: (attributes: Attributes) => Attributes): void {
  const instances = state.resources.filter((one) => one.type === type).flatMap((one) => one.instances);
  if (instances.length === 0) throw new Error(`the state has no ${type}`);
  for (const instance of instances) instance.attributes = to(instance.attributes);
}

describe.each([
  ['rolling', CHANGES],
  ['canary', { ...CHANGES, ...SHIFTS }],
])('a plan for a %s service', (strategy, changes) => {
  const given = { environment: 'prod', image: imageOf('app', 'solo'), service: { strategy } };
  let tree: Tree;
  let made: string;

  beforeAll(async () => {
    tree = await copyTree();
    await tree.run(STACK, 'init', '-input=false');
    await tree.run(STACK, 'apply', '-auto-approve', '-input=false', ...variables(given));
    made = await readFile(join(tree.folder, STACK, 'terraform.tfstate'), 'utf8');
  });
  afterAll(() => tree?.remove());

  async function planAfter(happening: (state: State) => void, values: Record<string, unknown> = given) {
    const state = JSON.parse(made) as State & { serial: number };
    happening(state);
    await writeFile(join(tree.folder, STACK, 'terraform.tfstate'), JSON.stringify(state));
    const planned = await planOf(tree, STACK, ...variables(values));
    return planned
      .filter(({ mode, change: { actions } }) => mode === 'managed' && !actions.includes('no-op'))
      .map(({ address, change: { actions } }) => `${actions.join()} ${address}`);
  }

  test.each(Object.keys(changes))('is empty after %s', async (name) => {
    expect(await planAfter(changes[name] ?? (() => undefined))).toEqual([]);
  });

  test('publishes a changed template and starts no deployment', async () => {
    const told = { ...given, service: { strategy, environment: { FEATURE: 'on' } } };
    expect(await planAfter(() => undefined, told)).toEqual([
      'update module.service.aws_ssm_parameter.template',
    ]);
  });

  test('leaves a newer first image to CI', async () => {
    const image = imageOf('app', 'solo').replace(/a{64}$/, 'b'.repeat(64));
    expect(await planAfter(() => undefined, { ...given, image })).toEqual([]);
  });
});
