import type { CommandResult, RunCommand } from '../../core/src/command.ts';
import { type PolicyCheck, readCheckov } from '../../core/src/decide/policy-findings.ts';

/** The checkov to ask: the runner's own, else the wanted version by pipx. */
export interface PolicyChecker {
  readonly command: RunCommand;
  readonly version: string | undefined;
  /** Without a session of AWS: a check reads files only. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Checks a plan's JSON file against checkov's rules; skips that stand in the code under `sources` count. An extra: what
 * goes wrong is the answer, never an error.
 */
export async function checkPolicies(
  planJson: string,
  sources: string,
  { command, version, env }: PolicyChecker,
): Promise<PolicyCheck> {
  const args = [
    ...['--file', planJson, '--framework', 'terraform_plan', '--repo-root-for-plan-enrichment', sources],
    ...['--output', 'json', '--quiet', '--compact', '--soft-fail', '--skip-download'],
  ];
  const attempt = (program: string, before: readonly string[]): Promise<CommandResult | undefined> =>
    command(program, [...before, ...args], { env }).catch(() => undefined);
  const own = await attempt('checkov', []);
  if (own?.exitCode === 0) return readCheckov(own.stdout);
  if (own) return { kind: 'not-checked', why: `checkov ended with ${own.exitCode}` };
  if (version === undefined) return { kind: 'not-checked', why: 'there is no checkov on the runner' };
  const fetched = await attempt('pipx', ['run', '--spec', `checkov==${version}`, 'checkov']);
  if (fetched?.exitCode === 0) return readCheckov(fetched.stdout);
  return { kind: 'not-checked', why: `pipx could not run checkov ${version}` };
}
