import { Readable } from 'node:stream';
import { RegisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { openStage, type Stage, taskDefinition } from './stage.ts';

/** The registry of the ground. */
const REPOSITORY = '123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web';
const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf';

/** What stands around the services of a stage; a test changes it. All is well at first. */
export interface Ground {
  /** Digest by tag of the repository. */
  tags: Map<string, string>;
  /** State by digest; an absent digest does not exist. */
  images: Map<string, string>;
  secret: { exists: boolean; changedAt: number };
  roles: Set<string>;
  /** What IAM's simulator says of passing a role. */
  passes: 'allowed' | 'implicitDeny';
  /** State by alarm, and what each takes missing data for, where it is not `missing`. */
  alarms: Map<string, string>;
  missingData: string | undefined;
  drainSeconds: number;
  /** Operations that AWS refuses to answer. */
  denied: Set<string>;
  /** The operations called beside ECS. */
  calls: string[];
}

/** Digest of the image that a tag of the ground stood for first. */
export const digestOf = (tag: string): string => `sha256:${tag.padStart(2, '0').repeat(32)}`;

/** A stage whose service `web` has everything that can be missing: an image in ECR, a secret, roles, alarms. */
export interface GroundedStage extends Stage {
  ground: Ground;
  /** Makes and deploys a revision on a tag, with changes to its document, and waits until it has succeeded. */
  ship(tag: string, change?: Record<string, unknown>): Promise<void>;
  /** All writes so far, to ECS and beside it. */
  writes(): string[];
}

const WRITE =
  /^(Update|Register|Stop|Continue|Tag|Untag|Deregister|Delete|Create|Run|Put|Set|Modify|Enable|Disable)/;

export async function openGround(
  alarmNames: readonly string[] = [],
  behaviours: Parameters<typeof openStage>[0] = {},
): Promise<GroundedStage> {
  const ground: Ground = {
    tags: new Map(),
    images: new Map(),
    secret: { exists: true, changedAt: 0 },
    roles: new Set(['execution', 'deploy']),
    passes: 'allowed',
    alarms: new Map(alarmNames.map((name) => [name, 'OK'])),
    missingData: undefined,
    drainSeconds: 0,
    denied: new Set(),
    calls: [],
  };
  const images = { resolve: async (image: string) => ground.tags.get(image.split(':').at(-1) ?? '') };
  const alarms = Object.fromEntries(alarmNames.map((name) => [name, { windowMs: 1_000 }]));
  const stage = await openStage(behaviours, [], { images, alarms });
  const { access } = stage.deps;
  Object.assign(stage.deps, {
    access: (who: Parameters<typeof access>[0]) => {
      const given = access(who);
      return { ...given, requestHandler: withGround(given.requestHandler as Handler, ground, stage) };
    },
  });
  const ship: GroundedStage['ship'] = async (tag, change = {}) => {
    if (!ground.tags.has(tag)) {
      ground.tags.set(tag, digestOf(tag));
      ground.images.set(digestOf(tag), 'ACTIVE');
    }
    const document = { ...webDocument(tag), ...change };
    const registered = await stage.client.send(new RegisterTaskDefinitionCommand(document as never));
    const taskDefinition = registered.taskDefinition?.taskDefinitionArn;
    await stage.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', taskDefinition }));
    await settle(stage);
  };
  const grounded = {
    ...stage,
    ground,
    ship,
    writes: () => [...stage.calls, ...ground.calls].filter((one) => WRITE.test(one)),
  };
  await stage.open('web', 'seed', { deploymentConfiguration: configurationWith(alarmNames) });
  return grounded;
}

/** Lets time pass until the newest deployment has ended. */
export async function settle(stage: Stage): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const [status = ''] = await stage.history('web');
    if (!/PENDING|PROGRESS|REQUESTED/.test(status)) return;
    await stage.clock.sleep(1_000);
  }
  throw new Error('the deployment does not end');
}

function webDocument(tag: string): Record<string, unknown> {
  const document = taskDefinition('web', tag);
  const [container] = document.containerDefinitions as Record<string, unknown>[];
  const secrets = [{ name: 'KEY', valueFrom: SECRET }];
  return { ...document, containerDefinitions: [{ ...container, image: `${REPOSITORY}:${tag}`, secrets }] };
}

function configurationWith(alarmNames: readonly string[]) {
  const deploymentCircuitBreaker = { enable: true, rollback: true };
  if (alarmNames.length === 0) return { deploymentCircuitBreaker };
  return {
    deploymentCircuitBreaker,
    alarms: { alarmNames: [...alarmNames], enable: true, rollback: true },
  };
}

type Handler = Stage['requestHandler'];

function withGround(others: Handler, ground: Ground, stage: Stage): Handler {
  return {
    ...others,
    handle: async (request, options) => {
      const target = request.headers['x-amz-target'] ?? '';
      const body = textOf(request.body);
      const operation = target.split('.').at(-1) || new URLSearchParams(body).get('Action') || '';
      if (ground.denied.has(operation)) return refusal('AccessDeniedException', 403);
      if (target.startsWith('AmazonEC2ContainerServiceV20141113') || target.startsWith('Logs_')) {
        return others.handle(request, options);
      }
      if (target.startsWith('AnyScaleFrontendService')) {
        return stage.scalingRequestHandler.handle(request as never, options as never) as never;
      }
      ground.calls.push(operation);
      if (operation === 'DescribeTargetGroups' || operation === 'DescribeTargetHealth') {
        return others.handle(request, options);
      }
      return target ? answerJson(operation, JSON.parse(body), ground) : answerXml(operation, body, ground);
    },
  };
}

/** What the operations answered here are asked. */
interface JsonInput {
  imageIds?: readonly { imageDigest?: string; imageTag?: string }[];
  AlarmNames?: readonly string[];
}

function answerJson(operation: string, { imageIds = [], AlarmNames = [] }: JsonInput, ground: Ground) {
  switch (operation) {
    case 'DescribeImages': {
      const [{ imageDigest, imageTag = '' } = {}] = imageIds;
      const digest = imageDigest ?? ground.tags.get(imageTag) ?? '';
      const imageStatus = ground.images.get(digest);
      if (!imageStatus) return refusal('ImageNotFoundException');
      return json({ imageDetails: [{ imageDigest: digest, imageStatus }] });
    }
    case 'DescribeSecret': {
      const { exists, changedAt } = ground.secret;
      return exists ? json({ LastChangedDate: changedAt / 1_000 }) : refusal('ResourceNotFoundException');
    }
    case 'DescribeAlarms':
      return json({
        MetricAlarms: AlarmNames.filter((name) => ground.alarms.has(name)).map((AlarmName) => ({
          AlarmName,
          StateValue: ground.alarms.get(AlarmName),
          StateReason: `${AlarmName} of the ground`,
          TreatMissingData: ground.missingData,
        })),
      });
    default:
      return refusal('UnknownOperationException');
  }
}

function answerXml(operation: string, body: string, ground: Ground) {
  const form = new URLSearchParams(body);
  const name = form.get('RoleName') ?? '';
  const arn = `arn:aws:iam::123456789012:role/${name}`;
  switch (operation) {
    case 'GetRole':
      return ground.roles.has(name)
        ? xml(operation, `<Role><Arn>${arn}</Arn><RoleName>${name}</RoleName></Role>`)
        : xmlRefusal('NoSuchEntity');
    case 'SimulatePrincipalPolicy':
      return xml(
        operation,
        `<EvaluationResults><member><EvalActionName>iam:PassRole</EvalActionName><EvalDecision>${ground.passes}</EvalDecision></member></EvaluationResults>`,
      );
    case 'GetCallerIdentity':
      return xml(operation, '<Arn>arn:aws:sts::123456789012:assumed-role/deploy/run</Arn>');
    case 'DescribeTargetGroupAttributes':
      return xml(
        operation,
        `<Attributes><member><Key>deregistration_delay.timeout_seconds</Key><Value>${ground.drainSeconds}</Value></member></Attributes>`,
      );
    default:
      return xmlRefusal('InvalidAction');
  }
}

function json(body: object, statusCode = 200) {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return responseOf(JSON.stringify(body), statusCode, headers);
}

function refusal(code: string, statusCode = 400) {
  return json({ __type: code, message: `${code} of the ground` }, statusCode);
}

function xml(operation: string, content: string) {
  const body = `<${operation}Response><${operation}Result>${content}</${operation}Result></${operation}Response>`;
  return responseOf(body, 200, { 'content-type': 'text/xml' });
}

function xmlRefusal(code: string) {
  const body = `<ErrorResponse><Error><Code>${code}</Code><Message>${code} of the ground</Message></Error></ErrorResponse>`;
  return responseOf(body, 404, { 'content-type': 'text/xml' });
}

function responseOf(text: string, statusCode: number, headers: Record<string, string>) {
  return { response: { statusCode, headers, body: Readable.from([Buffer.from(text)]) } as never };
}

function textOf(body: unknown): string {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  return typeof body === 'string' ? body : '';
}
