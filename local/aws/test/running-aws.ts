import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDockerEngine } from '../../machine/docker-engine.ts';
import { ensurePythonTools } from '../../machine/python-tools.ts';
import { type ProgramResult, runProgram } from '../../machine/run-program.ts';
import { makeTemporaryFolder } from '../../machine/temporary-folder.ts';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../local-aws.ts';

/** A local AWS with the AWS command line and a Docker client that are set up for it. */
export type RunningAws = LocalAws & {
  /** Settings for an SDK client of an account. */
  client: (accountId?: string) => {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Runs `aws …`; with other credentials where they are given. */
  cli: (line: string, env?: Record<string, string>) => Promise<ProgramResult>;
  /** Runs `docker …` with its own configuration folder. */
  docker: (line: string) => Promise<ProgramResult>;
  /** `aws ecr get-login-password | docker login`. */
  login: () => Promise<ProgramResult>;
  /** A folder of this run. */
  folder: string;
};

/** Starts a local AWS with real tools around it; `stop` ends all of it. */
export async function runLocalAws(options: LocalAwsOptions = {}): Promise<RunningAws> {
  const engine = await ensureDockerEngine();
  const { bin } = await ensurePythonTools(['awscli', 'moto']);
  const folder = await makeTemporaryFolder(tmpdir(), 'itg');
  const aws = await startLocalAws({ docker: engine.host, ...options });
  const base = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, HOME: folder };
  const environment = {
    ...base,
    AWS_ENDPOINT_URL: aws.endpoint,
    // Version 1 of the command line reads the second only.
    AWS_REGION: aws.region,
    AWS_DEFAULT_REGION: aws.region,
    AWS_ACCESS_KEY_ID: aws.accountId,
    AWS_SECRET_ACCESS_KEY: 'local',
    DOCKER_HOST: engine.host,
    DOCKER_CONFIG: folder,
    DOCKER_CLI: engine.dockerCli,
    REGISTRY: aws.registry,
  };
  const words = (line: string) => line.split(' ').filter(Boolean);
  return {
    ...aws,
    folder,
    client: (accountId = aws.accountId) => ({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: { accessKeyId: accountId, secretAccessKey: 'local' },
    }),
    cli: (line, env = {}) => runProgram(join(bin, 'aws'), words(line), { env: { ...environment, ...env } }),
    docker: (line) => runProgram(engine.dockerCli, words(line), { env: environment }),
    login() {
      const pipe =
        'aws ecr get-login-password | "$DOCKER_CLI" login --username AWS --password-stdin "$REGISTRY"';
      return runProgram('/bin/sh', ['-c', pipe], { env: environment });
    },
    async stop() {
      await aws.stop();
      await engine.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
