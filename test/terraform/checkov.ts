import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePythonTools } from '../../local/machine/python-tools.ts';
import { TERRAFORM } from './tree.ts';

/**
 * Checkov as it is, but for its speed: half of its time over this code goes into the same few thousand expressions,
 * which it evaluates tens of thousands of times, into a grammar that it builds anew for each path it reads, and into
 * garbage that its end removes anyhow. Names are those of the version in `requirements-checkov.txt`; where one of them
 * is gone, this ends with an error that says so.
 */
const CHECKOV = `
import copy, functools, gc, sys
from ply import yacc
from checkov.main import Checkov
from checkov.terraform.graph_builder.variable_rendering import evaluate_terraform as rendering

@functools.cache
def attempt(text, evaluate=rendering.evaluate):
    try:
        return evaluate(text), None
    except Exception as error:
        return None, error

def evaluate(text, anew=rendering.evaluate):
    if type(text) is not str:
        return anew(text)
    value, error = attempt(text)
    if error:
        raise error
    return copy.deepcopy(value) if isinstance(value, (dict, list, set, tuple)) else value

def parser_of(module, start, make=yacc.yacc, made={}, **options):
    key = (type(module), start)
    if key not in made:
        made[key] = make(module=module, start=start, **options)
    return made[key]

rendering.evaluate = evaluate
rendering.find_brackets_pairs = functools.cache(rendering.find_brackets_pairs)
yacc.yacc = parser_of
gc.disable()
sys.exit(Checkov(sys.argv[1:]).run())
`;

type Report = { results: { failed_checks: { check_id: string; resource: string; file_path: string }[] } };

/**
 * Gives what checkov finds that no skip with a reason answers for, as `CKV_AWS_1 aws_lb.this /main.tf`. Paths in `args`
 * are those of `terraform/`. Throws when it gives no report.
 */
export async function findingsOf(...args: string[]): Promise<string[]> {
  const { bin } = await ensurePythonTools(['checkov']);
  // It ends with 1 when it finds something.
  const { stdout, stderr } = await promisify(execFile)(
    join(bin, 'python'),
    ['-c', CHECKOV, ...args, '--skip-download', '--quiet', '--compact', '-o', 'json'],
    { cwd: TERRAFORM, maxBuffer: 2 ** 28 },
  ).catch((error: { stdout: string; stderr: string }) => error);
  if (!stdout.trim()) throw new Error(`checkov gave no report:\n${stderr}`);
  const reports = [JSON.parse(stdout) as Report | Report[]].flat();
  if (reports.length === 0) throw new Error('checkov gave an empty list of reports.');
  return reports.flatMap(({ results }) =>
    results.failed_checks.map((one) => `${one.check_id} ${one.resource} ${one.file_path}`),
  );
}
