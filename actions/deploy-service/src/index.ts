import { runAction } from '../../core/src/github/action-run.ts';
import { deployService } from './run.ts';

await runAction(deployService);
