import { runAction } from '../../core/src/github/action-run.ts';
import { waitForStable } from './run.ts';

await runAction(waitForStable);
