/** A statement of an IAM policy that allows, unless it says otherwise. */
export type PolicyStatement = {
  Effect?: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

/** What the roles' permissions are about. */
export type PolicyPlace = {
  accountId: string;
  region: string;
  cluster: string;
  bucket: string;
  tokenParameter: string;
};

/** Names of the environment's roles. */
export const ROLE_NAMES = {
  build: 'shop-prod-build',
  deploy: 'shop-prod-deploy',
  verify: 'shop-prod-verify',
  execution: 'shop-prod-execution',
  api: 'shop-prod-email-api',
  consumer: 'shop-prod-email-consumer',
} as const;

/** What each role may do, and nothing more: the pack's three by its verbs, those of the tasks by their work. */
export function rolePolicies(place: PolicyPlace): Record<keyof typeof ROLE_NAMES, PolicyStatement[]> {
  return {
    build: buildPolicy(place),
    deploy: deployPolicy(place),
    verify: verifyPolicy(place),
    execution: executionPolicy(place),
    ...servicePolicies(place),
  };
}

const arnIn = ({ region, accountId }: PolicyPlace, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;

const repositories = (place: PolicyPlace): string => arnIn(place, 'ecr', 'repository/shop/*');

function buildPolicy(place: PolicyPlace): PolicyStatement[] {
  return [
    { Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    {
      Action: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImages',
        'ecr:DescribeRepositories',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      Resource: repositories(place),
    },
    { Action: 'ssm:PutParameter', Resource: arnIn(place, 'ssm', 'parameter/prod/*/image') },
  ];
}

/** What deploy, rollback and verify all read, in one cluster. */
function readStatements(place: PolicyPlace): PolicyStatement[] {
  const ecs = (resource: string) => arnIn(place, 'ecs', resource);
  const inCluster = { ArnEquals: { 'ecs:cluster': ecs(`cluster/${place.cluster}`) } };
  return [
    {
      Action: [
        'ecs:DescribeServices',
        'ecs:ListServiceDeployments',
        'ecs:DescribeServiceDeployments',
        'ecs:DescribeServiceRevisions',
      ],
      Resource: ['service', 'service-deployment', 'service-revision'].map((kind) =>
        ecs(`${kind}/${place.cluster}/*`),
      ),
    },
    {
      Action: ['ecs:ListServices', 'ecs:ListTasks', 'ecs:DescribeTasks'],
      Resource: '*',
      Condition: inCluster,
    },
    {
      Action: [
        'application-autoscaling:DescribeScalableTargets',
        'cloudwatch:DescribeAlarms',
        'ecs:DescribeTaskDefinition',
        'ecs:ListClusters',
        'ecs:ListTaskDefinitionFamilies',
        'ecs:ListTaskDefinitions',
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTargetGroupAttributes',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
        'logs:DescribeLogGroups',
        'logs:GetLogEvents',
        'ssm:DescribeParameters',
      ],
      Resource: '*',
    },
    {
      // To stop what the verdict is about is part of judging it. AWS looks at the service and at its deployment.
      Action: 'ecs:StopServiceDeployment',
      Resource: ['service', 'service-deployment'].map((kind) => ecs(`${kind}/${place.cluster}/*`)),
    },
    {
      Action: ['ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:DescribeRepositories'],
      Resource: repositories(place),
    },
  ];
}

/** A revision that failed its smoke test is marked so, and no other tag may be set. */
function markKnownBad(place: PolicyPlace): PolicyStatement {
  return {
    Action: ['ecs:TagResource', 'ecs:UntagResource'],
    Resource: arnIn(place, 'ecs', 'task-definition/email-*:*'),
    Condition: {
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['known-bad'] },
      Null: { 'aws:TagKeys': 'false' },
    },
  };
}

function deployPolicy(place: PolicyPlace): PolicyStatement[] {
  const ecs = (resource: string) => arnIn(place, 'ecs', resource);
  const taskDefinitions = ecs('task-definition/email-*:*');
  const services = ecs(`service/${place.cluster}/*`);
  return [
    ...readStatements(place),
    { Action: 'ecs:RegisterTaskDefinition', Resource: taskDefinitions },
    {
      Action: 'ecs:TagResource',
      Resource: taskDefinitions,
      Condition: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
    },
    markKnownBad(place),
    { Action: 'ecs:UpdateService', Resource: services },
    {
      Effect: 'Deny',
      Action: 'ecs:UpdateService',
      Resource: services,
      Condition: { Bool: { 'ecs:enable-execute-command': 'true' } },
    },
    {
      Action: 'ecs:ContinueServiceDeployment',
      Resource: [services, ecs(`service-deployment/${place.cluster}/*`)],
    },
    {
      Action: 'iam:PassRole',
      Resource: [ROLE_NAMES.execution, ROLE_NAMES.api, ROLE_NAMES.consumer].map(
        (name) => `arn:aws:iam::${place.accountId}:role/${name}`,
      ),
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
    { Action: 'ssm:GetParameter', Resource: arnIn(place, 'ssm', 'parameter/prod/*') },
    {
      // Before its first write a rollback looks whether the roles of the older revision are still there.
      Action: ['iam:GetRole', 'iam:SimulatePrincipalPolicy'],
      Resource: [ROLE_NAMES.execution, ROLE_NAMES.api, ROLE_NAMES.consumer, ROLE_NAMES.deploy].map(
        (name) => `arn:aws:iam::${place.accountId}:role/${name}`,
      ),
    },
  ];
}

const verifyPolicy = (place: PolicyPlace): PolicyStatement[] => [
  ...readStatements(place),
  markKnownBad(place),
];

function executionPolicy(place: PolicyPlace): PolicyStatement[] {
  return [
    { Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    {
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: repositories(place),
    },
    {
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: arnIn(place, 'logs', '*'),
    },
  ];
}

function servicePolicies(place: PolicyPlace): Record<'api' | 'consumer', PolicyStatement[]> {
  const queue = arnIn(place, 'sqs', 'email');
  return {
    api: [
      { Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes'], Resource: queue },
      { Action: 'ssm:GetParameter', Resource: arnIn(place, 'ssm', `parameter${place.tokenParameter}`) },
    ],
    consumer: [
      {
        Action: [
          'sqs:ReceiveMessage',
          'sqs:DeleteMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueAttributes',
        ],
        Resource: queue,
      },
      { Action: ['s3:PutObject', 's3:GetObject'], Resource: `arn:aws:s3:::${place.bucket}/*` },
    ],
  };
}
