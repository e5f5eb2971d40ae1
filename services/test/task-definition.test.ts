import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../lib/config.ts';
import { descriptions } from './descriptions.ts';

async function readTemplate(name: string) {
  const text = await readFile(new URL(`../${name}/task-definition.json`, import.meta.url), 'utf8');
  const template = JSON.parse(text);
  const [container, ...others] = template.containerDefinitions;
  const environment: Record<string, string> = Object.fromEntries(
    container.environment.map((entry: { name: string; value: string }) => [entry.name, entry.value]),
  );
  return { template, container, others, environment };
}

describe.each(descriptions)('the task definition of $name', ({ name, config, portVariable }) => {
  test('gives the service a configuration it can start with, and nothing it does not know', async () => {
    const { environment } = await readTemplate(name);
    expect(() => readConfig(config, environment)).not.toThrow();
    expect(Object.keys(environment).filter((variable) => !(variable in config.properties))).toEqual([]);
  });

  test('opens the port the service listens on', async () => {
    const { container, environment } = await readTemplate(name);
    expect(container.portMappings).toEqual([
      { containerPort: Number(environment[portVariable]), protocol: 'tcp' },
    ]);
  });

  test('has one container of its name, without a shell, without a writable root, with time to shut down', async () => {
    const { template, container, others, environment } = await readTemplate(name);
    expect([template.family, container.name, others]).toEqual([name, name, []]);
    expect(container.healthCheck.command).toEqual(['CMD', 'node', '/app/main.cjs', 'health']);
    expect(container.readonlyRootFilesystem).toBe(true);
    const { SHUTDOWN_TIMEOUT_MS } = readConfig(config, environment);
    expect(container.stopTimeout * 1_000).toBeGreaterThan(Number(SHUTDOWN_TIMEOUT_MS));
  });
});
