import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { ensureDebianPackages } from '../machine/debian-packages.ts';
import { type Machine, thisMachine } from '../machine/machine.ts';
import { MachineError } from '../machine/machine-error.ts';
import { tryFindProgram } from '../machine/run-program.ts';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';

/** A Redis server on a loopback port that keeps nothing on disk. */
export interface Redis {
  readonly port: number;
  readonly url: string;
  /** Ends the server as an outage would; `restart` brings it back, empty. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts redis-server: the one on the search path, else Debian's package, installed when this is Debian and root.
 * Throws MACHINE_NO_REDIS when neither works.
 */
export async function startRedis(
  options: { machine?: Machine; log?: (line: string) => void } = {},
): Promise<Redis> {
  const { machine = thisMachine(), log = () => undefined } = options;
  const file = await findRedis(machine, log);
  const folder = await makeTemporaryFolder(machine.tempFolder, 'redis');
  const port = await freePort();
  const serve = (): Promise<ServerProcess> =>
    startServer({
      file,
      args: [
        '--bind',
        '127.0.0.1',
        '--port',
        String(port),
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        folder,
      ],
      env: { PATH: '/usr/bin:/bin' },
      cwd: folder,
      stopSignal: 'TERM',
      answers: () => answersPing(port),
    });
  let server = await serve().catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill: () => server.kill(),
    async restart() {
      server = await serve();
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function findRedis(machine: Machine, log: (line: string) => void): Promise<string> {
  const found = await tryFindProgram('redis-server', machine.env);
  if (found) return found;
  await ensureDebianPackages(['redis-server'], { machine, log });
  const installed = await tryFindProgram('redis-server', { PATH: '/usr/bin:/usr/local/bin' });
  if (installed) return installed;
  throw new MachineError(
    'MACHINE_NO_REDIS',
    'redis-server is not on the search path: install Redis 7 or Valkey (Debian: redis-server).',
  );
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer.toString('utf8').startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
