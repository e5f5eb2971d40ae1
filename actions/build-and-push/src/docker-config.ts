import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A login for one registry: the pair that ECR's authorization token holds. */
export interface RegistryLogin {
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

/**
 * Calls `use` with a Docker configuration folder that is logged in to the registry, and removes it afterwards.
 * It is the user's own configuration with one login more: plugins, contexts, builders and other logins stay in
 * sight. The password is in a file only its owner can read, never on a command line.
 */
export async function withDockerLogin<T>(
  login: RegistryLogin,
  places: { temp: string; env: Readonly<Record<string, string | undefined>> },
  use: (dockerConfig: string) => Promise<T>,
): Promise<T> {
  const own = places.env.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const folder = await mkdtemp(join(places.temp, 'berth-docker-'));
  try {
    const config = addLogin(await readConfig(join(own, 'config.json')), login);
    await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
    for (const name of await readdir(own).catch(() => [])) {
      if (name !== 'config.json') await symlink(join(own, name), join(folder, name));
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** An empty helper makes Docker read this one login from the file even where a credential store is set. */
export function addLogin(config: DockerConfig, { host, user, password }: RegistryLogin): DockerConfig {
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  return {
    ...config,
    auths: { ...config.auths, [host]: { auth } },
    credHelpers: { ...config.credHelpers, [host]: '' },
  };
}

async function readConfig(path: string): Promise<DockerConfig> {
  try {
    const config: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof config === 'object' && config !== null ? config : {};
  } catch {
    return {}; // none, or not readable: Docker itself would warn and go on
  }
}
