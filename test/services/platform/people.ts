import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { type Answer, ask, eventually, having } from './caller.ts';
import type { Ground } from './ground.ts';

/** Somebody with an account and a token. */
export interface Person {
  readonly id: string;
  readonly token: string;
}

const password = 'correct horse battery';
let count = 0;

/** Logs the first manager in, who is made a moment after identity has started. */
export async function logInManager(identity: string, ground: Ground): Promise<Person> {
  const answer = await eventually(
    () => ask(identity, 'POST /auth/login', { body: ground.manager }),
    ({ status }) => status === 200,
  );
  return whoLoggedIn(answer);
}

/** The person of an answer to a log-in. */
export function whoLoggedIn(answer: Answer): Person {
  const { user, accessToken } = having(answer, 'user', 'accessToken').json;
  return { id: having({ ...answer, json: user }, 'id').json.id, token: accessToken };
}

/** Opens an account of a role and logs in. */
export async function enrol(
  identity: string,
  manager: Person,
  role: 'customer' | 'driver' | 'manager',
  org = 'public',
): Promise<Person> {
  count += 1;
  const email = `${role}${count}-${process.pid}@example.com`;
  const body = { email, password, name: `${role} ${count}`, role, org };
  await ask(identity, 'POST /auth/register', { body, token: manager.token });
  return whoLoggedIn(await ask(identity, 'POST /auth/login', { body: { email, password } }));
}

/** The header in which one of our services names itself. */
export function asService(name: string, ground: Ground, now = Date.now()): Record<string, string> {
  const principal = { id: name, org: '*', role: 'service' as const, permissions: [] };
  return { [identityHeader]: signIdentity(principal, ground.serviceKey, now) };
}
