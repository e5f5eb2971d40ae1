import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Machine, thisMachine } from '../machine/machine.ts';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { copyPostgres } from './postgres-files.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';

export interface PostgresOptions {
  machine?: Machine;
  /** Waits for the disk at each commit, as a real server does. Tests that only need answers leave it off. */
  fsync?: boolean;
  /** Extra settings as `name=value`. */
  settings?: readonly string[];
}

/** A PostgreSQL server on a loopback port, with one superuser and nothing in it. */
export interface Postgres {
  readonly port: number;
  /** Connection URL of the superuser. */
  readonly url: string;
  readonly pid: number;
  /** Ends the server as a crash would; the data stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill` or `pause`. */
  restart(): Promise<void>;
  /** Shuts the server down in order; the data stay. */
  pause(): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root, so it runs as the system's user without rights. */
const nobody = { uid: 65_534, gid: 65_534 };
const superuser = 'postgres';

/**
 * Starts the PostgreSQL that comes as an npm package, in a temporary folder of its own. Throws MACHINE_NO_POSTGRES
 * where the package has none for this system, MACHINE_POSTGRES_INIT when its files cannot be made.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { machine = thisMachine(), fsync = false, settings = [] } = options;
  const user = machine.uid === 0 ? nobody : undefined;
  const folder = await makeTemporaryFolder(machine.tempFolder, 'postgres');
  const port = await freePort();
  let server: ServerProcess;
  try {
    await copyPostgres(folder, { machine, user, superuser });
    server = await serve();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  function serve(): Promise<ServerProcess> {
    const chosen = [
      `fsync=${fsync ? 'on' : 'off'}`,
      `synchronous_commit=${fsync ? 'on' : 'off'}`,
      'max_connections=200',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      ...settings,
    ];
    return startServer({
      file: join(folder, 'bin', 'postgres'),
      args: ['-D', join(folder, 'data'), '-p', String(port), ...chosen.flatMap((one) => ['-c', one])],
      env: { PATH: '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' },
      cwd: folder,
      // "Fast" shutdown: clients are disconnected instead of waited for.
      stopSignal: 'INT',
      ...(user ? { user } : {}),
      answers: () => answersStartup(port),
    });
  }
  return {
    port,
    url: `postgres://${superuser}@127.0.0.1:${port}/postgres`,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    pause: () => server.stop(),
    async restart() {
      // A killed server's children may hold its shared memory a moment longer; its lock file would stop the next one.
      await rm(join(folder, 'data', 'postmaster.pid'), { force: true });
      server = await serve();
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks as a client without encryption would; anything but "still starting" (57P03) is a server that answers. */
function answersStartup(port: number): Promise<boolean> {
  const parameters = Buffer.from(`user\0${superuser}\0database\0postgres\0\0`);
  const packet = Buffer.concat([Buffer.alloc(8), parameters]);
  packet.writeInt32BE(packet.length, 0);
  packet.writeInt32BE(196_608, 4);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(packet));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer[0] === 'R'.charCodeAt(0));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
