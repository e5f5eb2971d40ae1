import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensurePythonTools } from '../../local/machine/python-tools.ts';
import { runProgram } from '../../local/machine/run-program.ts';
import { enrol, logInManager } from './platform/people.ts';
import { type ServiceName, startWhole, type Whole } from './platform/whole.ts';

/** A 5xx, a status that is not documented, a body of another shape and the acceptance of what is not allowed are breaches. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
];

/** So many that nobody is refused for asking too often: that answer would hide the others. */
const limits = {
  USER_REQUESTS_PER_MINUTE: '1000000',
  ADDRESS_REQUESTS_PER_MINUTE: '1000000',
  PINGS_PER_MINUTE: '1000000',
};

type Who = 'manager' | 'customer' | 'driver' | 'mailer';
let whole: Whole;
let tokens: Record<Who, string>;
let program: string;
/** Where schemathesis keeps its notes of failures. */
let folder: string;

beforeAll(async () => {
  program = `${(await ensurePythonTools(['schemathesis'])).bin}/schemathesis`;
  folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  whole = await startWhole(limits);
  const { identity } = whole.bases;
  const manager = await logInManager(identity, whole.ground);
  const [customer, driver] = [
    await enrol(identity, manager, 'customer'),
    await enrol(identity, manager, 'driver'),
  ];
  tokens = {
    manager: manager.token,
    customer: customer.token,
    driver: driver.token,
    mailer: whole.emailToken,
  };
});
afterAll(async () => {
  await whole.stop();
  await rm(folder, { recursive: true });
});

/** Asks every operation of a service's document; gives what schemathesis says, and whether all answers were as documented. */
async function probe(
  service: ServiceName,
  who: Who,
  phases: string,
): Promise<{ code: number; text: string }> {
  const args = [
    ...['--config-file', join(import.meta.dirname, 'schemathesis.toml')],
    ...['run', `${whole.bases[service]}/openapi.json`],
    ...['--header', `Authorization: Bearer ${tokens[who]}`],
    ...['--phases', phases, '--checks', checks.join(','), '--max-examples', '5', '--seed', '1'],
    ...['--generation-database', 'none', '--request-timeout', '30', '--continue-on-failure'],
    ...['--warnings', 'off', '--no-color'],
  ];
  const { code, stdout, stderr } = await runProgram(program, args, { cwd: folder });
  return { code, text: stdout + stderr };
}

test.each<[ServiceName, Who, Who]>([
  ['identity', 'manager', 'customer'],
  ['order', 'manager', 'customer'],
  ['driver', 'manager', 'driver'],
  ['dispatch', 'manager', 'customer'],
  ['notification', 'manager', 'customer'],
  ['tracking', 'manager', 'driver'],
  ['customer', 'manager', 'customer'],
  ['gateway', 'manager', 'customer'],
  ['email-api', 'mailer', 'customer'],
])('%s keeps to its OpenAPI document for a %s and a %s', async (service, first, second) => {
  const found = await Promise.all([
    // The bounds of each field and every way to break it; then random requests.
    probe(service, first, 'coverage,fuzzing'),
    probe(service, second, 'fuzzing'),
  ]);
  for (const { code, text } of found) expect({ code, text }).toMatchObject({ code: 0 });
});
