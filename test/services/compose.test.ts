import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { renderServiceDashboard, renderTopicDashboard, topics } from '../../services/compose/dashboards.ts';
import { CompositionConfig } from '../../services/lib/composition.ts';
import { readConfig } from '../../services/lib/config.ts';
import { MigrationConfig } from '../../services/lib/migrate-command.ts';
import { descriptions } from '../../services/test/descriptions.ts';

interface Container {
  image?: string;
  build?: { args: { SERVICE: string } };
  restart?: string;
  ports?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, unknown>;
  healthcheck?: { test: string[] };
  networks?: { default: { aliases: string[] } };
  volumes?: string[];
}

const folder = join(import.meta.dirname, '../../services');
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
};
const built = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);
const running = built.filter(([name]) => name !== 'migrate');

/** What stands for AWS reads: given to the SDK, not to us. */
const ofTheSdk = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

/** As Compose fills it in where nothing is set outside. */
function filled(environment: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [name, text.replace(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  );
}

test('every service is in it, built from its own sources', () => {
  expect(running.map(([name]) => name).toSorted()).toEqual(descriptions.map(({ name }) => name).toSorted());
  for (const [name, { build }] of running) expect(build?.args.SERVICE).toBe(name);
});

describe.each(running)('%s', (name, { environment, ports }) => {
  const description = descriptions.find((one) => one.name === name);
  if (!description) throw new Error(`There is no service ${name}.`);

  test('starts with its environment, which names no setting it does not have', () => {
    expect(() => readConfig(description.config, filled(environment))).not.toThrow();
    const known = [...Object.keys(description.config.properties), ...ofTheSdk];
    expect(Object.keys(environment ?? {}).filter((variable) => !known.includes(variable))).toEqual([]);
  });

  test('is reached on the port it listens on, and Prometheus asks there', () => {
    const config = readConfig(description.config, filled(environment)) as Record<string, unknown>;
    const port = config[description.portVariable];
    expect(ports).toEqual([`127.0.0.1:${port}:${port}`]);
    const { scrape_configs: jobs } = parse(read('compose/prometheus.yml'));
    expect(jobs[0].static_configs[0].targets).toContain(`${name}:${port}`);
  });

  test('connects as the role of its schema', () => {
    const { DATABASE_URL: url } = environment ?? {};
    expect(url && new URL(url).username).toBe(description.schema);
  });
});

test('the schemas are made for exactly those who have one', () => {
  const { environment } = compose.services.migrate ?? {};
  expect(() => readConfig(MigrationConfig, filled(environment))).not.toThrow();
  const known = Object.keys({ ...MigrationConfig.properties, ...CompositionConfig.properties });
  expect(Object.keys(environment ?? {}).filter((name) => ![...known, ...ofTheSdk].includes(name))).toEqual(
    [],
  );
});

test('no two share a port, every neighbour and every mounted file exists, and images have a version', () => {
  const containers = Object.values(compose.services);
  const published = containers.flatMap(({ ports = [] }) => ports.map((one) => one.split(':').slice(0, 2)));
  const ports = published.map(([, port]) => port);
  expect(new Set(ports).size).toBe(ports.length);
  expect(ports).toEqual(expect.arrayContaining(['9091', '3300']));
  // The passwords in it are known to everybody.
  expect(new Set(published.map(([address]) => address))).toEqual(new Set(['127.0.0.1']));
  for (const { depends_on: needs = {} } of containers) {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(needs)));
  }
  const sources = containers.flatMap(({ volumes = [] }) => volumes.map((one) => one.split(':')[0] ?? ''));
  for (const source of sources) {
    if (source.startsWith('./')) expect(existsSync(join(folder, source))).toBe(true);
    else expect(Object.keys(compose.volumes)).toContain(source);
  }
  for (const { image } of containers) if (image) expect(image).toMatch(/:.*\d/);
});

test('all that is to run comes back with the Docker engine, and what is done once stays done', () => {
  const others = Object.entries(compose.services).filter(([, { restart }]) => restart !== 'unless-stopped');
  expect(others.map(([name, { restart }]) => [name, restart])).toEqual([
    ['migrate', undefined],
    ['prepare', undefined],
  ]);
});

test('PostgreSQL is ready only when it answers where the services ask, not while its volume is being filled', () => {
  expect(compose.services.postgres?.healthcheck?.test).toEqual(
    expect.arrayContaining(['pg_isready', '-h', '127.0.0.1']),
  );
});

test('what stands for AWS answers under the name of each bucket', () => {
  const { host } = new URL(compose.services.order?.environment?.AWS_ENDPOINT_URL ?? '');
  const buckets = running.flatMap(([, { environment = {} }]) =>
    Object.entries(environment).flatMap(([name, text]) => (/BUCKET/.test(name) ? text : [])),
  );
  const [name] = host.split(':');
  const { aliases } = compose.services[`${name}`]?.networks?.default ?? {};
  expect(new Set(aliases)).toEqual(new Set(buckets.map((bucket) => `${bucket}.${name}`)));
});

describe('the dashboard', () => {
  const files = readdirSync(join(folder, 'compose/grafana/dashboards'));
  /** Everything the services' sources call by a name, metrics among it. */
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules') && !path.includes('compose'))
    .map(read)
    .join('\n');

  const all = [
    ...descriptions.map((description) => ({
      name: description.name,
      text: renderServiceDashboard(description),
    })),
    ...Object.keys(topics).map((name) => ({ name, text: renderTopicDashboard(name) })),
  ];

  test('is one a service, and one each for orders, drivers and notifications', () => {
    expect(files.toSorted()).toEqual(all.map(({ name }) => `${name}.json`).toSorted());
    expect(Object.keys(topics)).toEqual(['orders', 'drivers', 'notifications']);
  });

  test.each(all)('of $name shows metrics that there are', ({ name: board, text }) => {
    const path = `compose/grafana/dashboards/${board}.json`;
    // Rewrites the dashboard when asked to: REWRITE=1.
    if (process.env.REWRITE === '1') writeFileSync(join(folder, path), text);
    expect(read(path)).toBe(text);
    const names = metricsOf(text);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(sources).toContain(name);
  });

  test('is not alone: alerts are of metrics that there are, and each is told to somebody', () => {
    const { groups } = parse(read('compose/alerts.yml'));
    const rules: { expr: string; labels: { severity: string } }[] = groups[0].rules;
    for (const name of rules.flatMap(({ expr }) => metricsOf(expr))) expect(sources).toContain(name);
    const { route, receivers } = parse(read('compose/alertmanager.yml'));
    const told = route.routes.map(({ matchers, receiver }: Record<string, unknown>) => [matchers, receiver]);
    expect(told).toEqual([
      [['severity = "page"'], 'slack'],
      [['severity =~ "page|ticket"'], 'mail'],
    ]);
    expect(receivers.map(({ name }: { name: string }) => name)).toEqual(['mail', 'slack']);
    for (const { labels } of rules) expect(['page', 'ticket']).toContain(labels.severity);
  });
});

/** The metrics of queries, quoted as the sources name them. */
function metricsOf(text: string): string[] {
  const names = [...text.matchAll(/\b[a-z]+(?:_[a-z]+)+(?=[[{)])/g)].map(([name]) => name);
  return names
    .filter((name) => name !== 'histogram_quantile')
    .map((name) => `'${name.replace(/_(bucket|count)$/, '')}'`);
}
