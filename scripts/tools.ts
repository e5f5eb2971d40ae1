/**
 * Installs what the tests take from PyPI. Before them, so that the suites that need it do not stand idle until the first
 * of them has installed it.
 */
import { ensurePythonTools } from '../local/machine/python-tools.ts';

const log = (line: string) => console.log(line);
// One of each environment.
await Promise.all(
  (['moto', 'schemathesis', 'checkov'] as const).map((name) => ensurePythonTools([name], { log })),
);
