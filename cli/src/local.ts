import { startLocalAws } from '../../local/aws/local-aws.ts';
import type { LocalArguments } from './arguments.ts';

/** Where users of other local AWS servers look first. */
const DEFAULT_PORT = 4566;

export type LocalCommand = {
  print: (line: string) => void;
  /** Takes progress and warnings. */
  note: (line: string) => void;
  /** Aborts when the command is to end. */
  signal: AbortSignal;
};

/** Runs `berth local` until its signal aborts; everything it started is gone when it resolves. */
export async function runLocal(
  options: LocalArguments,
  { print, note, signal }: LocalCommand,
): Promise<void> {
  const { json, ...rest } = options;
  const aws = await startLocalAws({ port: DEFAULT_PORT, ...rest, log: note, signal });
  const { endpoint, registry, accountId, region, timeScale, dockerHost } = aws;
  if (json) print(JSON.stringify({ endpoint, registry, accountId, region, timeScale, dockerHost }));
  else for (const line of renderLocal(aws, options.port)) print(line);
  await aborted(signal);
  note('stopping …');
  await aws.stop();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export type Running = {
  endpoint: string;
  registry: string;
  accountId: string;
  region: string;
  timeScale: number;
  dockerHost: string;
};

/** What a person sees once it runs: where everything is, and how to use it from a shell. */
export function renderLocal(aws: Running, askedPort: number | undefined): string[] {
  const isElsewhere = askedPort !== undefined && askedPort !== 0 && !aws.endpoint.endsWith(`:${askedPort}`);
  return [
    `The local AWS answers${isElsewhere ? ` (port ${askedPort} is taken, another was chosen)` : ''}.`,
    '',
    `  endpoint    ${aws.endpoint}`,
    `  registry    ${aws.registry}`,
    `  account     ${aws.accountId}`,
    `  region      ${aws.region}`,
    `  time scale  ${aws.timeScale}`,
    `  Docker      ${aws.dockerHost}`,
    '',
    `  export DOCKER_HOST=${aws.dockerHost} AWS_ENDPOINT_URL=${aws.endpoint} AWS_REGION=${aws.region} AWS_DEFAULT_REGION=${aws.region} AWS_ACCESS_KEY_ID=${aws.accountId} AWS_SECRET_ACCESS_KEY=local`,
    `  aws ecr get-login-password | docker login --username AWS --password-stdin ${aws.registry}`,
    '',
    'Ctrl-C ends it and removes every container it made.',
  ];
}
