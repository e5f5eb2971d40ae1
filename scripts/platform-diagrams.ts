import type { Diagram } from './diagram.ts';

/** A row of the table of services in docs/platform.md. */
export interface PlatformService {
  readonly name: string;
  readonly port: number;
  /** Its schema in PostgreSQL, where it has one. */
  readonly schema?: string;
  readonly tells: readonly string[];
  readonly hears: readonly string[];
}

/** The rows of the page's table `Service | Port | Schema | Tells | Hears`. */
export function parsePlatform(page: string): PlatformService[] {
  const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
  return page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(
      ([, name = '', port = '', , , hears]) =>
        /^[a-z-]+$/.test(name) && /^\d+$/.test(port) && hears !== undefined,
    )
    .map(([, name = '', port, schema = '', tells = '', hears = '']) => {
      const [own] = quoted(schema);
      return {
        name,
        port: Number(port),
        ...(own !== undefined && { schema: own }),
        tells: quoted(tells),
        hears: quoted(hears),
      };
    });
}

/** The diagrams of the platform by the name of their file, drawn from the table of its services. */
export function drawPlatform(services: readonly PlatformService[]): Record<string, Diagram> {
  const boxOf = ({ name, port }: PlatformService) => `${name} :${port}`;
  const named = (name: string) => {
    const found = services.find((service) => service.name === name);
    if (!found) throw new Error(`docs/platform.md has no service ${name}.`);
    return boxOf(found);
  };
  const behind = services.filter(({ name }) => name !== 'gateway' && !name.startsWith('email-'));
  const gateway = named('gateway');
  const pipeline = [named('email-api'), named('email-consumer')] as const;
  return {
    'full-architecture': {
      title: 'full-architecture',
      lanes: [
        {
          title: 'Outside',
          boxes: ['Browsers and apps', 'Drivers’ devices', 'Mail, SMS and push providers'],
        },
        { title: 'Public subnets', boxes: ['Application Load Balancer', 'NAT gateways'] },
        { title: 'Private subnets: ECS on Fargate', boxes: [gateway, ...behind.map(boxOf)] },
        {
          title: 'Private subnets: ECS on Fargate, e-mail pipeline and bus',
          boxes: [...pipeline, 'NATS JetStream'],
        },
        { title: 'Managed data', boxes: ['RDS PostgreSQL', 'ElastiCache', 'DynamoDB', 'SQS', 'S3'] },
        { title: 'Operation', boxes: ['Secrets Manager and SSM', 'CloudWatch', 'ECR', 'AWS Backup'] },
      ],
      arrows: [
        ['Browsers and apps', 'Application Load Balancer', 'HTTPS'],
        ['Drivers’ devices', 'Application Load Balancer', 'HTTPS, WebSocket'],
        ['Application Load Balancer', gateway],
        ['Application Load Balancer', pipeline[0], '/api/email'],
        ...behind.map((service) => [gateway, boxOf(service)] as const),
        ...services
          .filter(({ tells }) => tells.length > 0)
          .map((one) => [boxOf(one), 'NATS JetStream'] as const),
        ...services
          .filter(({ schema }) => schema !== undefined)
          .map((one) => [boxOf(one), 'RDS PostgreSQL'] as const),
        [pipeline[0], 'SQS'],
        ['SQS', pipeline[1]],
        [pipeline[1], 'S3'],
        [named('notification'), 'DynamoDB', 'feeds'],
        [named('notification'), 'Mail, SMS and push providers'],
        [named('tracking'), 'ElastiCache', 'positions'],
      ],
    },
    'ecs-cluster-overview': {
      title: 'ecs-cluster-overview',
      lanes: [
        {
          title: 'Load balancer: a target group for each service at the edge',
          boxes: ['Application Load Balancer'],
        },
        { title: 'ECS services, one container a task', boxes: services.map(boxOf) },
        { title: 'Capacity', boxes: ['Fargate', 'Fargate Spot'] },
        {
          title: 'What a task is given',
          boxes: ['Image by digest from ECR', 'Secrets', 'Task role', 'Log group'],
        },
      ],
      arrows: [
        ['Application Load Balancer', gateway],
        ['Application Load Balancer', pipeline[0]],
        ...behind.map((service) => [gateway, boxOf(service), 'private name'] as const),
      ],
    },
    'devops-pipeline': {
      title: 'devops-pipeline',
      lanes: [
        { title: 'GitHub', boxes: ['Pull request', 'Push to main'] },
        {
          title: 'GitHub Actions: deploy.yml',
          boxes: [
            'detect-changes',
            'build-and-push',
            'render-task-def',
            'deploy-service',
            'wait-for-stable',
            'smoke-test',
            'rollback',
          ],
        },
        { title: 'AWS', boxes: ['Role by OIDC', 'ECR', 'ECS service deployment', 'Load balancer'] },
      ],
      arrows: [
        ['Pull request', 'Push to main', 'tests, merge'],
        ['Push to main', 'detect-changes'],
        ['detect-changes', 'build-and-push', 'services and tags'],
        ['build-and-push', 'render-task-def', 'digest'],
        ['render-task-def', 'deploy-service', 'task definition'],
        ['deploy-service', 'wait-for-stable', 'deployment ARN'],
        ['wait-for-stable', 'smoke-test', 'verdict'],
        ['smoke-test', 'rollback', 'wrong answer'],
        ['wait-for-stable', 'rollback', 'red verdict'],
        ['build-and-push', 'Role by OIDC'],
        ['build-and-push', 'ECR', 'push'],
        ['deploy-service', 'ECS service deployment'],
        ['rollback', 'ECS service deployment', 'previous revision'],
        ['ECS service deployment', 'ECR', 'pull by digest'],
        ['smoke-test', 'Load balancer', 'requests'],
      ],
    },
  };
}
