/** How a kind of failure is recognised, and what to do about it. The first rule that fits wins. */
export interface StopRule {
  kind: string;
  /** Searched in the task's stopped reason and the container's reason. */
  pattern?: RegExp;
  exitCodes?: readonly number[];
  hint: string;
  /** No further try can succeed without a change by the user. */
  hopeless: boolean;
}

/**
 * The known reasons, from the most specific to the plainest. Texts are those of the open ECS agent
 * (`agent/dockerclient/dockerapi/errors.go`, `agent/engine/errors.go`, `ecs-agent/api/errors/errors.go`,
 * 8dfceca6) and of transcripts of real accounts; numbers are exit codes.
 */
export const STOP_RULES: readonly StopRule[] = [
  {
    kind: 'image-wrong-platform',
    pattern:
      /no matching manifest for|exec format error|image Manifest does not contain descriptor matching platform/i,
    hint: 'The image was built for another processor. Build it for the runtimePlatform of the task definition (linux/amd64 or linux/arm64).',
    hopeless: true,
  },
  {
    kind: 'image-not-found',
    pattern: /CannotPull\w*Error.*(not found|manifest unknown|does not exist|repository .* not exist)/is,
    hint: 'The image is not in the registry. Check the repository and the digest in the task definition, and that a lifecycle policy has not removed it.',
    hopeless: true,
  },
  {
    kind: 'image-access-denied',
    pattern:
      /CannotPull(ContainerAuth|ECRContainer)?\w*Error.*(denied|not authori[sz]ed|no basic auth|403|unauthorized)|AccessDenied.*ecr:/is,
    hint: 'The execution role may not pull the image. It needs ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer, and the repository policy must allow its account.',
    hopeless: true,
  },
  {
    kind: 'image-registry-unreachable',
    pattern:
      /(CannotPull\w*Error|ResourceInitializationError).*(i\/o timeout|timed? ?out|dial tcp|connection refused|no route)/is,
    hint: 'The task cannot reach the registry. Its subnet needs a NAT gateway, a public address, or VPC endpoints for ECR, S3 and CloudWatch Logs.',
    hopeless: false,
  },
  {
    kind: 'image-pull-failed',
    pattern: /CannotPull\w*Error/i,
    hint: 'The image could not be pulled; the reason above is the registry’s own.',
    hopeless: false,
  },
  {
    kind: 'log-group-missing',
    pattern:
      /log ?group (does not|doesn.?t) exist|failed to (validate logger args|create Cloudwatch log stream)/i,
    hint: 'The log group of the task definition does not exist or may not be written. Create it, or set awslogs-create-group and allow logs:CreateLogStream and logs:PutLogEvents.',
    hopeless: true,
  },
  {
    kind: 'secret-missing',
    pattern:
      /ResourceInitializationError.*(ResourceNotFoundException|can.?t find the specified secret|invalid parameters|ParameterNotFound|did not contain json key)/is,
    hint: 'A secret or parameter named in the task definition does not exist, or lacks the named key. Create it, or correct its valueFrom.',
    hopeless: true,
  },
  {
    kind: 'role-not-assumable',
    pattern: /unable to assume (the )?(role|service)|ECS was unable to assume the role/i,
    hint: 'ECS cannot assume the role of the task definition. Its trust policy must name ecs-tasks.amazonaws.com, and the role must exist.',
    hopeless: true,
  },
  {
    kind: 'secret-access-denied',
    pattern: /ResourceInitializationError.*(AccessDenied|not authorized|secrets? or registry auth)/is,
    hint: 'The execution role may not read a secret or parameter of the task definition. It needs secretsmanager:GetSecretValue or ssm:GetParameters (and kms:Decrypt) on it.',
    hopeless: true,
  },
  {
    kind: 'start-failed',
    pattern: /ResourceInitializationError|CannotCreateContainerError|CannotCreateVolumeError/i,
    hint: 'The task could not be set up; the reason above names what was missing.',
    hopeless: false,
  },
  {
    kind: 'command-not-found',
    pattern: /executable file not found|no such file or directory.*(exec|runc|OCI)|exec: .*not found/i,
    exitCodes: [126, 127],
    hint: 'The command of the container is not in the image. Compare command and entryPoint of the task definition with the image.',
    hopeless: true,
  },
  {
    kind: 'container-start-failed',
    pattern: /CannotStartContainerError|DockerTimeoutError|CannotInspectContainerError/i,
    hint: 'The container could not be started; the reason above is the container engine’s own.',
    hopeless: false,
  },
  {
    kind: 'dependency-failed',
    pattern: /container ordering dependency|dependency will never start|dependency graph/i,
    hint: 'A container that this one depends on did not get ready in time. Look at the dependsOn of the task definition and at that container’s log.',
    hopeless: false,
  },
  {
    kind: 'out-of-memory',
    pattern: /OutOfMemory/i,
    hint: 'The container used more memory than the task definition gives it. Raise memory, or lower what the program uses.',
    hopeless: false,
  },
  {
    kind: 'health-check-elb',
    pattern: /failed ELB health checks/i,
    hint: 'The load balancer got no good answer. Compare the health check’s path, port and matcher with what the service answers, and its start-up time with the grace period.',
    hopeless: false,
  },
  {
    kind: 'health-check-container',
    pattern: /failed container health checks/i,
    hint: 'The health check of the task definition failed. Run its command in the container, and compare its interval, retries and startPeriod with the service’s start-up time.',
    hopeless: false,
  },
  {
    kind: 'spot-interruption',
    pattern: /Spot interruption|Your Spot Task was interrupted/i,
    hint: 'Fargate Spot took the capacity back; this is not the new revision’s fault.',
    hopeless: false,
  },
  {
    kind: 'stopped-by-person',
    pattern: /Task stopped by user|StopTask/i,
    hint: 'Somebody stopped the task.',
    hopeless: false,
  },
  {
    kind: 'killed',
    exitCodes: [137],
    hint: 'The container was killed. Without “OutOfMemoryError” beside it, it most likely did not end within stopTimeout after SIGTERM; with it, raise memory.',
    hopeless: false,
  },
  {
    kind: 'crashed',
    exitCodes: [134, 139],
    hint: 'The program itself crashed, often in a native module built for another system. Its last log lines may show where.',
    hopeless: false,
  },
  {
    kind: 'told-to-stop',
    exitCodes: [143],
    hint: 'The container was told to stop and did; look for what ended the task first.',
    hopeless: false,
  },
  {
    kind: 'ended',
    exitCodes: [0],
    hint: 'An essential container ended by itself. A service must keep running; a container that only prepares something should have "essential": false.',
    hopeless: false,
  },
  {
    kind: 'exited',
    pattern: /Essential container in task exited/i,
    hint: 'The program ended with an error; the last lines of its log say why.',
    hopeless: false,
  },
];
