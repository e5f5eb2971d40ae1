import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFileCommands } from '../../actions/core/test/doubles/action-drive.ts';
import { makeTemporaryFolder } from '../../local/machine/temporary-folder.ts';
import { writeBundle } from '../../scripts/bundle-folder.ts';
import { taskDefinition } from '../virtual/stage.ts';

const ACTIONS = ['deploy-service', 'wait-for-stable', 'rollback'] as const;
/** Waits are a two hundredth: what is left of a run is the start of its processes and its calls. */
export const CLOCK_FACTOR = 200;

/** What one process left: its exit code, `null` where it was killed, and what it wrote for the runner. */
interface StepEnd {
  code: number | null;
  outputs: Record<string, string>;
  state: Record<string, string>;
}

/** The bundles of the three actions in a folder of their own, built as `npm run build` builds them. */
export interface Bundles {
  folder: string;
  remove(): void;
}

export async function buildBundles(): Promise<Bundles> {
  const folder = await makeTemporaryFolder(tmpdir(), 'killed');
  for (const action of ACTIONS) await writeBundle(action, join(folder, action));
  writeFileSync(join(folder, 'web-2.json'), JSON.stringify(taskDefinition('web', '2')));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A job as the runner plays it, each step a process. */
export interface Job {
  /** Gives `true` when it came to its end, `false` when it was killed on the way. */
  run(attempt: number): Promise<boolean>;
  /** SIGKILL for the step that runs, and none is started after it. */
  kill(): void;
}

/** Deploys image 2 of `web`, waits, rolls it back where asked, and ends the job as the runner does. */
export function openJob({ folder }: Bundles, endpoint: string, goesBack: boolean): Job {
  let child: ChildProcess | undefined;
  let isKilled = false;

  async function step(action: string, attempt: number, given: Record<string, string>): Promise<StepEnd> {
    const files = mkdtempSync(join(folder, 'step-'));
    const [output, state] = [join(files, 'output'), join(files, 'state')];
    for (const file of [output, state]) writeFileSync(file, '');
    child = spawn(
      process.execPath,
      ['--import', join(import.meta.dirname, 'fast-clock.mjs'), join(folder, action, 'index.js')],
      {
        env: {
          HOME: folder,
          CLOCK_FACTOR: `${CLOCK_FACTOR}`,
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: '123456789012',
          AWS_SECRET_ACCESS_KEY: 'local',
          GITHUB_OUTPUT: output,
          GITHUB_STATE: state,
          GITHUB_REPOSITORY: 'acme/shop',
          GITHUB_RUN_ID: '101',
          GITHUB_RUN_ATTEMPT: `${attempt}`,
          GITHUB_WORKSPACE: folder,
          ...given,
        },
        stdio: 'ignore',
      },
    );
    const code = await new Promise<number | null>((resolve) => child?.once('exit', resolve));
    const read = (file: string) => parseFileCommands(readFileSync(file, 'utf8'));
    return { code, outputs: read(output), state: read(state) };
  }

  return {
    async run(attempt) {
      isKilled = false;
      const deployed = await step('deploy-service', attempt, {
        INPUT_CLUSTER: 'shop',
        INPUT_SERVICE: 'web',
        'INPUT_TASK-DEFINITION': 'web-2.json',
        'INPUT_HOLD-AUTOSCALING': 'all',
        'INPUT_TIMEOUT-MINUTES': '1440',
      });
      if (isKilled) return false;
      if (deployed.code !== 0) throw new Error(`deploy-service ended with ${deployed.code}`);
      const followed = {
        INPUT_DEPLOYMENTS: deployed.outputs.deployments ?? '',
        'INPUT_TIMEOUT-MINUTES': '1440',
      };
      await step('wait-for-stable', attempt, followed);
      if (!isKilled && goesBack) await step('rollback', attempt, followed);
      if (isKilled) return false;
      const kept = Object.entries(deployed.state).map(([name, value]) => [`STATE_${name}`, value]);
      await step('deploy-service', attempt, Object.fromEntries(kept));
      return !isKilled;
    },
    kill() {
      isKilled = true;
      child?.kill('SIGKILL');
    },
  };
}
