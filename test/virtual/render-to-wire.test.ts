import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { inputs, outputs } from '../../actions/render-task-def/src/inputs.ts';
import { run } from '../../actions/render-task-def/src/run.ts';
import { closeStages, openStage, type Stage } from './stage.ts';

afterAll(closeStages);

/** An ECS that has learnt a field since the SDK was built: it answers with it, and keeps what it is sent. */
function newerEcs(stage: Stage): Record<string, unknown>[] {
  const registered: Record<string, unknown>[] = [];
  const { access } = stage.deps;
  const { requestHandler: handler } = stage;
  const handle: typeof handler.handle = async (request, options) => {
    const operation = request.headers['x-amz-target']?.split('.').at(-1);
    const text = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
    if (operation === 'RegisterTaskDefinition') {
      const { brandNewField, ...known } = JSON.parse(text);
      registered.push({ ...known, brandNewField });
      Object.assign(request, { body: JSON.stringify(known) });
    }
    const answer = await handler.handle(request, options);
    if (operation !== 'DescribeTaskDefinition') return answer;
    const { body } = answer.response as { body: AsyncIterable<Uint8Array> };
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    const read = JSON.parse(Buffer.concat(parts).toString());
    Object.assign(read.taskDefinition ?? {}, { brandNewField: { mode: '', list: [] } });
    const bytes = new TextEncoder().encode(JSON.stringify(read));
    return { ...answer, response: { ...answer.response, body: bytes } as never };
  };
  Object.assign(stage.deps, {
    access: (who: Parameters<typeof access>[0]) => ({
      ...access(who),
      requestHandler: { ...handler, handle },
    }),
  });
  return registered;
}

test.each(['web', 'web:1', 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1'])(
  'a field newer than the SDK and empty values travel from %s to the next registration',
  async (source) => {
    const stage = await openStage();
    await stage.open('web', '1');
    const registered = newerEcs(stage);
    Object.assign(stage.deps.github, { temp: stage.workspace });
    const rendered = await stage.step(
      { inputs, outputs, run },
      {
        'task-definition': source,
        overrides: 'containers: { web: { environment: { EMPTY: "" }, command: [] } }',
      },
    );
    const text = readFileSync(String(rendered.outputs['task-definition']), 'utf8');
    writeFileSync(join(stage.workspace, 'rendered.json'), text);
    await stage.deploy('web', '2', { 'task-definition': 'rendered.json' });
    expect(registered).toMatchObject([
      {
        family: 'web',
        brandNewField: { mode: '', list: [] },
        containerDefinitions: [{ environment: [{ name: 'EMPTY', value: '' }], command: [] }],
      },
    ]);
    expect(registered[0]).not.toHaveProperty('revision');
  },
);
