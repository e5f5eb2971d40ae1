import { runCommand } from '../../core/src/command.ts';
import { runAction } from '../../core/src/github/action-run.ts';
import { inputs, outputs } from './inputs.ts';
import { run } from './run.ts';

await runAction({ inputs, outputs, run: (given, deps) => run(given, { ...deps, command: runCommand }) });
