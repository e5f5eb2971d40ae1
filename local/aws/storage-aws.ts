import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ensurePythonTools } from '../machine/python-tools.ts';
import { backendAt } from './autoscaling/live/back-end.ts';
import { createCompositeAlarms } from './cloudwatch/composite-alarms.ts';
import type { Faults } from './faults/faults.ts';
import { openGateway } from './gateway/gateway.ts';
import { startMoto } from './gateway/moto.ts';
import type { CallLog } from './iam/call-log.ts';
import { rolePoliciesAt } from './iam/role-policies.ts';
import { createSimulator } from './iam/simulate.ts';
import { createOwnServices } from './own-services.ts';
import { standInsAt } from './stand-ins.ts';
import { identifyCallers } from './sts/callers.ts';
import { createCredentialStore } from './sts/credentials.ts';
import { iamRecordsAt } from './sts/iam-records.ts';
import { createSts } from './sts/sts.ts';

/** The local AWS without what runs containers: SQS, S3, DynamoDB, SSM, Secrets Manager and the rest of moto, and STS. */
export type StorageAws = {
  /** `http://127.0.0.1:<port>`, for AWS_ENDPOINT_URL. */
  endpoint: string;
  accountId: string;
  region: string;
  /** What goes wrong with calls on purpose; also at `/_berth/faults`. */
  faults: Faults;
  /** Who called what; also at `/_berth/calls`. */
  calls: CallLog;
  stop(): Promise<void>;
};

const accountId = '123456789012';
const region = 'us-east-1';
const now = (): number => Date.now();

/**
 * Starts moto behind the gateway of the local AWS, with its faults and call log. Needs no Docker engine: ECS, ECR and
 * load balancing refuse every operation by its name.
 */
export async function startStorageAws(options: { log: (line: string) => void }): Promise<StorageAws> {
  const { log } = options;
  await using starting = new AsyncDisposableStack();
  const { bin } = await ensurePythonTools(['moto'], { log });
  const moto = await startMoto(bin);
  starting.defer(() => moto.stop());
  const backend = moto.url;
  const gateway = await openGateway({ port: 0 });
  starting.defer(() => gateway.stop());

  const credentials = createCredentialStore({ now, randomBytes, defaultAccountId: accountId });
  const iam = iamRecordsAt(backend);
  const policies = rolePoliciesAt(backend, now);
  const security = createSts({ credentials, iam, issuers: {}, readManagedPolicy: policies.readManaged });
  const onBug = (what: string, error: unknown) => log(`${what} broke: ${String(error)}`);
  const own = createOwnServices({
    handlers: {
      ecs: {},
      ecr: {},
      elasticloadbalancing: {},
      sts: security.handlers,
      iam: createSimulator({ iam, policies }).handlers,
    },
    ...{ credentials, iam, policies, onBug },
    sleep: (ms) => setTimeout(ms),
  });
  gateway.serve({
    services: own.services,
    aroundBackend: own.aroundBackend,
    admin: own.admin,
    registry: async (_request, response) => void response.writeHead(404).end(),
    taskEndpoints: async () => ({ status: 404, body: '' }),
    backend,
    standIns: standInsAt(backend, {
      now,
      onBug,
      composites: createCompositeAlarms(backendAt(backend, fetch)),
    }),
    contextOf: identifyCallers(credentials, { region, now }),
    onBug,
  });
  const running = starting.move();
  return {
    endpoint: gateway.endpoint,
    accountId,
    region,
    faults: own.faults,
    calls: own.calls,
    stop: () => running.disposeAsync(),
  };
}
