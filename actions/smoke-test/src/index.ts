import { runAction } from '../../core/src/github/action-run.ts';
import { smokeTest } from './run.ts';

await runAction(smokeTest);
