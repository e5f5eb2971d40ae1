/**
 * Lets this pack and its peers judge the same deployments: `npm run bench:verdict [-- FACTOR]`. About twelve minutes;
 * FACTOR (12 by default) is how many times as fast time runs for all of them. Exits 1 when ours judges one wrongly.
 */
import { ensurePythonTools } from '../local/machine/python-tools.ts';
import { renderColumns } from './measure.ts';
import { openGround } from './verdict/ground.ts';
import { SCENARIOS, type Scenario, WARM_UP } from './verdict/scenarios.ts';
import { type Tool, type ToolResult, toolsAt } from './verdict/tools.ts';

interface Judged extends ToolResult {
  tool: string;
  isRight: boolean;
  /** From ECS's decision to the tool's first word of it, scaled; absent where it never was decided for ECS. */
  lateMs: number | undefined;
  /** What the service was left on; a revision that is INACTIVE starts no more tasks. */
  left: string;
}

const factor = Number(process.argv[2] ?? 12);
if (!(factor >= 1 && factor <= 100) || process.argv.length > 3) {
  console.error(`FACTOR is one number from 1 to 100, not ${process.argv.slice(2).join(' ')}.`);
  process.exit(2);
}
const { bin } = await ensurePythonTools(['awscli', 'ecs-deploy'], { log: console.log });
const ground = await openGround(factor);
process.env.AWS_ENDPOINT_URL = ground.endpoint;
process.env.AWS_REGION = 'us-east-1';
const tools = toolsAt(bin);

const results: Judged[][] = [];
try {
  await openAll();
  for (const tool of tools.slice(0, 1)) await judge(tool, WARM_UP);
  for (const scenario of SCENARIOS) results.push(await judgeAll(scenario));
} finally {
  ground.close();
}
console.log(`\nTime runs ${factor} times as fast, for the ECS and all tools alike.\n`);
console.log(renderTable());
const wrong = SCENARIOS.filter((_, i) => results[i]?.[0]?.isRight === false);
for (const { title } of wrong) console.error(`${title}: judged wrongly by ours`);
if (wrong.length > 0) process.exitCode = 1;

function serviceOf(scenario: Scenario, { key }: Tool): string {
  return `${scenario.title.replace(/\W+/g, '-')}-${key.toLowerCase()}`;
}

/** Every tool has a service of its own for every scenario. */
async function openAll(): Promise<void> {
  for (const scenario of [WARM_UP, ...SCENARIOS])
    for (const tool of tools) await ground.open(serviceOf(scenario, tool), scenario.service);
  await ground.clock.sleep(120_000);
}

/** Each tool on its own service; ours alone, so that no Python program starts meanwhile, then the peers together. */
async function judgeAll(scenario: Scenario): Promise<Judged[]> {
  for (const tool of tools) await scenario.before?.(ground, serviceOf(scenario, tool));
  await ground.clock.sleep(60_000);
  ground.forget();
  const [ours, ...peers] = tools;
  const judged = ours ? [await judge(ours, scenario)] : [];
  judged.push(...(await Promise.all(peers.map((tool) => judge(tool, scenario)))));
  const words = judged.map(({ tool, said, isRight }) => `${tool} ${said}${isRight ? '' : ' (wrong)'}`);
  console.log(`${scenario.title}: ${words.join('; ')}`);
  return judged;
}

async function judge(tool: Tool, scenario: Scenario): Promise<Judged> {
  const service = serviceOf(scenario, tool);
  const known = (await ground.deployments(service)).length;
  const running = tool.run(ground, scenario, service);
  if (scenario.meanwhile) {
    while ((await ground.deployments(service)).length === known) await ground.clock.sleep(1_000);
    await scenario.meanwhile(ground, service);
  }
  const result = await running;
  const decidedAt = await scenario.decidedAt(ground, service);
  const serving = await ground.serving(service);
  return {
    ...result,
    tool: tool.name,
    isRight: result.green === (scenario.right === 'green'),
    lateMs: decidedAt === undefined ? undefined : result.toldAt - decidedAt,
    left: serving.replace(/^.*:(\d+) /, 'revision $1 ').replace(' ACTIVE', ''),
  };
}

function renderTable(): string {
  const head = ['Scenario', 'Tool', 'Said', 'Right', 'Seconds late', 'Calls', 'Left on'];
  const rows = SCENARIOS.flatMap(({ title }, i) =>
    (results[i] ?? []).map(({ tool, said, isRight, lateMs, calls, left }, k) => [
      k === 0 ? title : '',
      tool,
      said,
      isRight ? 'yes' : 'NO',
      lateMs === undefined ? '–' : (lateMs / 1_000).toFixed(1),
      String(calls),
      left,
    ]),
  );
  return renderColumns(head, rows);
}
