import { stsClient } from '../../core/src/aws-clients.ts';
import { assumeRole, type RoleSession, sessionNameOf } from '../../core/src/credentials.ts';
import { type ActionDeps, type ActionResult, AWS_AUDIENCE } from '../../core/src/github/action-run.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import type { inputs, outputs } from './inputs.ts';

type Inputs = InputsOf<typeof inputs>;
type Deps = Pick<ActionDeps, 'clock' | 'random' | 'log' | 'github' | 'access' | 'idToken'> & {
  /** Sets an environment variable for the later steps of the job. */
  readonly exportVariable: (name: string, value: string) => void;
};

/** Assumes the role once and exports its session. GitHub's token service and STS are called once each where both answer. */
export async function run(given: Inputs, deps: Deps): Promise<ActionResult<(typeof outputs)[number]>> {
  const { region, 'role-to-assume': roleArn } = given;
  const { runId, runAttempt } = deps.github;
  const session = await assumeRole({
    roleArn,
    sessionName: given['session-name'] ?? sessionNameOf(runId, runAttempt),
    durationSeconds: given['duration-seconds'],
    region,
    sts: (one) => stsClient({ ...deps.access({ region: one }), tries: 1 }),
    idToken: () => deps.idToken(AWS_AUDIENCE),
    clock: deps.clock,
    random: deps.random,
    mask: deps.log.mask,
  });
  for (const [name, value] of Object.entries(variablesOf(session, region))) deps.exportVariable(name, value);
  const expiration = session.expiration.toISOString();
  deps.log.info(`Assumed ${session.assumedRoleArn} until ${expiration}.`);
  return {
    outputs: { 'account-id': session.accountId, 'role-arn': session.assumedRoleArn, expiration },
  };
}

/** The names every AWS SDK and the CLI read. */
function variablesOf(session: RoleSession, region: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
}
