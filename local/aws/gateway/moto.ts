import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

export type Moto = {
  /** Base URL, e.g. `http://127.0.0.1:34567`. */
  url: string;
  pid: number;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
};

const READY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 50;
const KILL_AFTER_MS = 3_000;

/**
 * Runs moto's server until its standard input ends, so that it does not outlive a killed parent. Bucket policies are
 * kept and not applied: moto takes a condition that does not hold for a refusal, so that one which refuses plain HTTP
 * only would close the bucket to everybody. What never changes is found out once, and no line is written for each
 * request: nearly half of its time goes there otherwise. For each message that SQS hands out, moto counts the whole queue
 * five times, to know for how long that one is kept, and makes two dates for each time it asks for the clock: here it
 * asks for that setting and for the time. A long poll of SQS looks 40 times a second and ends when its caller has left:
 * moto's own looks on to the end of its time and takes a message that nobody gets.
 */
const SERVER = `
import functools, os, select, socket, sys, threading, time
from flask import request
from moto import backends
from moto.core import responses
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.server import main
from moto.sqs import models as sqs
from werkzeug.serving import WSGIRequestHandler
FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
services = frozenset(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: services
responses.method_names_from_class = functools.cache(responses.method_names_from_class)
WSGIRequestHandler.log_request = lambda *_: None
def has_left():
    connection = request.environ['werkzeug.socket']
    can_read = select.select([connection], [], [], 0)[0]
    return bool(can_read) and connection.recv(1, socket.MSG_PEEK) == b''
sqs.unix_time = time.time
sqs.unix_time_millis = lambda: time.time() * 1000
def is_kept(self, queue_name, message):
    return self.get_queue(queue_name).message_retention_period + message.sent_timestamp / 1000 > time.time()
sqs.SQSBackend.is_message_valid_based_on_retention_period = is_kept
take = sqs.SQSBackend.receive_message
def receive_message(self, queue_name, count, wait_seconds_timeout, *others, **named):
    end = time.monotonic() + wait_seconds_timeout
    while True:
        found = take(self, queue_name, count, 0, *others, **named)
        if found or time.monotonic() >= end:
            return found
        time.sleep(0.025)
        if has_left():
            return []
sqs.SQSBackend.receive_message = receive_message
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
main(sys.argv[1:])
`;

/**
 * Starts moto's server on a free loopback port and waits until it answers.
 *
 * `bin` is the folder of a Python environment's programs, as `ensurePythonTools` gives it. Rejects with what
 * moto printed when it ends before it answers, or does not answer within a minute. AWS-managed policies are
 * loaded, so that roles can have them attached.
 */
export async function startMoto(bin: string): Promise<Moto> {
  const port = await freePort();
  const python = join(bin, 'python');
  const child = spawn(python, ['-c', SERVER, '-H', '127.0.0.1', '-p', String(port)], {
    env: { PATH: '/usr/bin:/bin', MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C in a terminal must not end it before the tasks' last log lines.
    detached: true,
  });
  const printed = lastLines(child);
  const ended = endOf(child);
  const url = `http://127.0.0.1:${port}`;
  const outcome = await Promise.race([ended, answers(url, () => child.exitCode !== null)]);
  if (outcome === 'answers' && child.pid !== undefined)
    return { url, pid: child.pid, stop: () => end(child, ended) };
  await end(child, ended);
  throw new Error(`moto's server in ${bin} did not start: ${outcome}.\n${printed()}`.trimEnd());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('A loopback port has no number.');
  return address.port;
}

/** The end of what the child prints to stderr, kept for an error message. */
function lastLines(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-2_000);
  });
  return () => text;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
  });
}

async function answers(url: string, gone: () => boolean): Promise<string> {
  const attempts = READY_WITHIN_MS / ASK_EVERY_MS;
  for (let attempt = 0; attempt < attempts && !gone(); attempt++) {
    const response = await fetch(`${url}/moto-api/`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return 'answers';
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  return `it did not answer within ${READY_WITHIN_MS / 1000} s`;
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await ended;
  clearTimeout(killer);
}
