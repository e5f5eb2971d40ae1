import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import { test } from '../../local/terraform/test/needs-terraform.ts';
import { changesOf, copyTree, imageOf, variables } from './tree.ts';

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

const STRATEGIES = { rolling: CHANGES, canary: { ...CHANGES, ...SHIFTS } };
const TEMPLATE = 'a changed template';
const IMAGE = 'a newer first image';

/** What a plan would change after each happening, by strategy. */
const found = new Map<string, Map<string, string[]>>();

/** Both strategies at once, one on each core: each makes its service and plans again and again. */
beforeAll(async () => {
  const planned = Object.entries(STRATEGIES).map(async ([strategy, changes]) =>
    found.set(strategy, await planAll(strategy, changes)),
  );
  await Promise.all(planned);
});

async function planAll(strategy: string, changes: typeof CHANGES): Promise<Map<string, string[]>> {
  const given = { environment: 'prod', image: imageOf('app', 'solo'), service: { strategy } };
  const tree = await copyTree();
  try {
    await tree.run(STACK, 'init', '-input=false');
    await tree.run(STACK, 'apply', '-auto-approve', '-input=false', ...variables(given));
    const stateFile = join(tree.folder, STACK, 'terraform.tfstate');
    const made = await readFile(stateFile, 'utf8');
    const plans = new Map<string, string[]>();
    for (const [name, happening] of Object.entries(changes)) {
      const state = JSON.parse(made) as State;
      happening(state);
      await writeFile(stateFile, JSON.stringify(state));
      plans.set(name, await changesOf(tree, STACK, ...variables(given)));
    }
    await writeFile(stateFile, made);
    const told = { ...given, service: { strategy, environment: { FEATURE: 'on' } } };
    plans.set(TEMPLATE, await changesOf(tree, STACK, ...variables(told)));
    const image = given.image.replace(/a{64}$/, 'b'.repeat(64));
    plans.set(IMAGE, await changesOf(tree, STACK, ...variables({ ...given, image })));
    return plans;
  } finally {
    await tree.remove();
  }
}

describe.each(Object.entries(STRATEGIES))('a plan for a %s service', (strategy, changes) => {
  test.each(Object.keys(changes))('is empty after %s', (name) => {
    expect(found.get(strategy)?.get(name)).toEqual([]);
  });

  test('publishes a changed template and starts no deployment', () => {
    expect(found.get(strategy)?.get(TEMPLATE)).toEqual(['update module.service.aws_ssm_parameter.template']);
  });

  test('leaves a newer first image to CI', () => {
    expect(found.get(strategy)?.get(IMAGE)).toEqual([]);
  });
});
