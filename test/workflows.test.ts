import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

/** The parts of a workflow file that the contract is about. */
interface Step {
  name?: string;
  uses?: string;
  run?: string;
  if?: string;
  with?: Record<string, unknown>;
}
interface Job {
  name?: string;
  uses?: string;
  steps?: Step[];
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  with?: Record<string, unknown>;
  secrets?: Record<string, unknown>;
}
interface Callable {
  inputs?: Record<string, { description?: string; required?: boolean; default?: unknown; type?: string }>;
  secrets?: Record<string, { description?: string; required?: boolean }>;
  outputs?: Record<string, { description?: string; value?: string }>;
}
interface Workflow {
  name?: string;
  on: { workflow_call?: Callable };
  permissions?: unknown;
  jobs: Record<string, Job>;
}

const ROOT = join(import.meta.dirname, '..');
const PUBLIC = '.github/workflows';
const STARTERS = 'workflows';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const yamlIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${folder}/${name}`);
const load = (path: string): Workflow => parse(read(path)) as Workflow;
const actionNames = readdirSync(join(ROOT, 'actions'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['core', 'node_modules', 'test'].includes(entry.name))
  .map((entry) => entry.name);

const workflows = [...yamlIn(PUBLIC), ...yamlIn(STARTERS)];
const called = yamlIn(PUBLIC).filter((path) => load(path).on.workflow_call);
const stepsOf = (path: string): { path: string; job: string; step: Step }[] =>
  Object.entries(load(path).jobs).flatMap(([job, { steps = [] }]) =>
    steps.map((step) => ({ path, job, step })),
  );
const allSteps = workflows.flatMap(stepsOf);

describe('every workflow file', () => {
  test.each(workflows)('%s opens with a comment that says what it is for', (path) => {
    expect(read(path)).toMatch(/^# .{20,}/);
  });

  test.each(workflows)('%s grants nothing at the top, and each job what it needs', (path) => {
    const { permissions, jobs } = load(path);
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(Object.keys(job.permissions ?? {})).not.toHaveLength(0);
  });

  test.each(workflows)('%s gives each permission a reason', (path) => {
    const grants = read(path)
      .split('\n')
      .filter((line) => /^ +[a-z-]+: (read|write)\b/.test(line));
    expect(grants).not.toHaveLength(0);
    for (const line of grants) expect(line).toMatch(/ # \S.+/);
  });

  test.each(workflows)('%s bounds the time of every job with steps', (path) => {
    for (const job of Object.values(load(path).jobs))
      if (job.steps) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });
});

describe('every step', () => {
  const runs = allSteps.filter(({ step }) => step.run !== undefined);
  const uses = allSteps.flatMap(({ path, job, step }) =>
    step.uses ? [{ path, job, uses: step.uses, with: step.with ?? {} }] : [],
  );

  test('never puts an expression into a script', () => {
    for (const { step } of runs) expect(step.run).not.toContain('${{');
    for (const name of actionNames) expect(read(`actions/${name}/action.yml`)).not.toMatch(/^\s*run:/m);
  });

  test.each(actionNames)(
    'of %s reads a description without an expression, which runners refuse there',
    (name) => {
      const {
        description,
        inputs = {},
        outputs = {},
      } = parse(read(`actions/${name}/action.yml`)) as Callable & {
        description: string;
      };
      const texts = [
        description,
        ...Object.values({ ...inputs, ...outputs }).map((entry) => entry.description),
      ];
      for (const text of texts) expect(text).not.toContain('${{');
    },
  );

  test('names an action of this repository by $/, never by ./ or OWNER/REPO', () => {
    for (const { uses: reference } of uses) expect(reference).not.toMatch(/^\.\/|^OWNER\/|berth\//);
    for (const { uses: reference } of uses.filter((entry) => entry.uses.startsWith('$/'))) {
      expect(reference).not.toContain('@');
      expect(actionNames).toContain(reference.replace('$/actions/', ''));
    }
  });

  test('pins every action of another repository by its full commit, with the version in a comment', () => {
    const foreign = workflows.flatMap((path) =>
      read(path)
        .split('\n')
        .filter((line) => /uses: (?!\$\/|OWNER\/)/.test(line)),
    );
    expect(foreign).not.toHaveLength(0);
    for (const line of foreign) expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('never leaves a token in the checked-out repository', () => {
    for (const entry of uses.filter(({ uses: reference }) => reference.startsWith('actions/checkout@')))
      expect(entry.with['persist-credentials']).toBe(false);
  });

  test.each(uses.filter(({ uses: reference }) => reference.startsWith('$/')))(
    '$path job $job gives $uses only inputs that exist, and all that are required',
    ({ uses: reference, with: given }) => {
      const { inputs } = parse(read(`${reference.slice(2)}/action.yml`)) as Callable;
      const names = Object.keys(inputs ?? {});
      for (const name of Object.keys(given)) expect(names).toContain(name);
      for (const [name, { required }] of Object.entries(inputs ?? {}))
        if (required) expect(Object.keys(given)).toContain(name);
    },
  );

  test.each(called)('%s reads only outputs that the step’s action declares', (path) => {
    for (const [jobName, job] of Object.entries(load(path).jobs)) {
      const outputsById = new Map(
        (job.steps ?? []).flatMap((step) => {
          const { id, uses: reference } = step as Step & { id?: string };
          if (!id || !reference?.startsWith('$/')) return [];
          const { outputs } = parse(read(`${reference.slice(2)}/action.yml`)) as Callable;
          return [[id, Object.keys(outputs ?? {})] as const];
        }),
      );
      for (const [, id = '', output] of JSON.stringify(job).matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g))
        expect({ jobName, id, outputs: outputsById.get(id) }).toEqual({
          jobName,
          id,
          outputs: expect.arrayContaining([output]),
        });
    }
  });
});

describe('a called workflow', () => {
  test.each(called)('%s describes every input, secret and output', (path) => {
    const { inputs = {}, secrets = {}, outputs = {} } = load(path).on.workflow_call ?? {};
    for (const entry of Object.values({ ...inputs, ...secrets, ...outputs }))
      expect(entry.description?.length).toBeGreaterThan(20);
  });

  test.each(called)('%s demands no permission that the documented caller does not grant', (path) => {
    const starter = load(`${STARTERS}/${path.split('/').pop()}`);
    const granted = Object.values(starter.jobs)[0]?.permissions ?? {};
    const asked = Object.values(load(path).jobs).flatMap(({ permissions = {} }) =>
      Object.entries(permissions),
    );
    // Who may write may read too.
    const missing = asked.filter(([name, level]) => granted[name] !== level && granted[name] !== 'write');
    expect(missing).toEqual([]);
  });

  test.each(yamlIn(STARTERS))('%s passes only inputs and secrets that the called workflow has', (path) => {
    for (const job of Object.values(load(path).jobs)) {
      const target = /^OWNER\/berth\/(\.github\/workflows\/[\w-]+\.yml)@v1$/.exec(job.uses ?? '')?.[1];
      const callee = load(target ?? 'missing').on.workflow_call;
      for (const name of Object.keys(job.with ?? {}))
        expect(Object.keys(callee?.inputs ?? {})).toContain(name);
      for (const name of Object.keys(job.secrets ?? {}))
        expect(Object.keys(callee?.secrets ?? {})).toContain(name);
      for (const [name, input] of Object.entries(callee?.inputs ?? {}))
        if (input.required) expect(Object.keys(job.with ?? {})).toContain(name);
    }
  });

  test('gives the values of smoke files to the step that deploys, too, which asks between waves', () => {
    const steps = Object.values(load(`${PUBLIC}/deploy.yml`).jobs).flatMap((job) => job.steps ?? []);
    const asking = steps.filter(({ uses }) => /deploy-service|smoke-test/.test(uses ?? ''));
    expect(asking.map((step) => step.with?.secrets)).toEqual(Array(2).fill('${{ secrets.smoke }}'));
  });

  test('ends before anything is built where `only` is another word than `build`, and says what to write', () => {
    const [first] = load(`${PUBLIC}/deploy.yml`).jobs.changes?.steps ?? [];
    expect(first?.if).toBe("${{ inputs.only != '' && inputs.only != 'build' }}");
    const ended = spawnSync('bash', ['-e', '-c', first?.run ?? ''], {
      env: { ONLY: 'biuld' },
      encoding: 'utf8',
    });
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/^::error::.*"biuld": expected "build"/);
  });

  test('shares one queueing group between deploy and rollback', () => {
    const group = (path: string): unknown =>
      Object.values(load(path).jobs)
        .map((job) => (job as { concurrency?: unknown }).concurrency)
        .find(Boolean);
    expect(group(`${PUBLIC}/deploy.yml`)).toEqual(group(`${PUBLIC}/rollback.yml`));
    expect(group(`${PUBLIC}/deploy.yml`)).toEqual({ group: 'berth-${{ inputs.environment }}', queue: 'max' });
  });
});
