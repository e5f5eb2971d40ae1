import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isOfOrg, principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { answerOnce, idempotencyKeyOf } from '../lib/idempotency.ts';
import { identityHeader } from '../lib/identity-header.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import type { LimitRequests } from '../lib/rate-limit.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Passwords } from './passwords.ts';
import {
  ChangeRoleSchema,
  ChangeUserSchema,
  LoginSchema,
  RefreshSchema,
  RegisterSchema,
  TokensSchema,
  UserParams,
  UserSchema,
} from './schemas.ts';
import type { Sessions } from './sessions.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Act, User, Users } from './users.ts';

export interface IdentityParts {
  users: Users;
  database: Database;
  /** Called when something was written to the outbox. */
  told: () => void;
  sessions: Sessions;
  passwords: Passwords;
  keys: SigningKeys;
  requireRole: RequireRole;
  limit: LimitRequests;
  loginsPerMinute: number;
  accessSeconds: number;
  clock: Clock;
  random: () => number;
  /** Told of each login by outcome. */
  onLogin: (result: 'ok' | 'refused') => void;
}

/** The organisation of people who register themselves. */
const openOrg = 'public';
const problems = { '4xx': ProblemSchema, '5xx': ProblemSchema };

/** Registers `/auth/*`: what people without a session ask. */
export function registerAuthRoutes(app: App, parts: IdentityParts): void {
  const { users, database, sessions, passwords, keys, requireRole, limit, told } = parts;
  const asks = requireRole();

  app.post(
    '/auth/register',
    {
      schema: {
        summary: 'Open an account',
        description: 'Answered once for its `Idempotency-Key`.',
        body: RegisterSchema,
        response: { 201: UserSchema, ...problems },
      },
      preHandler: [
        limit({ perMinute: parts.loginsPerMinute * 10, key: ({ ip }) => `register:${ip}` }),
        async (request: FastifyRequest) => {
          // Anyone may come as a customer; who shows who they are is held to it.
          const { authorization, [identityHeader]: signed } = request.headers;
          if ((authorization ?? signed) !== undefined) await asks(request);
        },
      ],
    },
    async (request, reply) => {
      const { email, name, password, role = 'customer', org = openOrg } = request.body;
      const { principal } = request;
      const isManager = principal?.role === 'manager' && isOfOrg(principal, org);
      if (!isManager && (role !== 'customer' || org !== openOrg)) {
        throw new Problem('ACCESS_DENIED', 'Only a manager of the organisation opens other accounts.');
      }
      const id = uuidV7(parts.clock.now(), parts.random);
      const passwordHash = await passwords.hash(password);
      const act = { actor: principal?.id ?? id, trace: traceOf(request) };
      // The password is not part of what is kept: its digest would be quickly guessed.
      const body = { email, name, role, org };
      const scope = `POST /auth/register ${email.toLowerCase()}`;
      const keyed = { key: idempotencyKeyOf(request), scope, body };
      const answer = await database.transaction((transaction) =>
        answerOnce(transaction, keyed, async () => ({
          status: 201,
          body: await users.add(transaction, { id, org, email, name, passwordHash, role }, act),
        })),
      );
      const user = answer.body as User;
      if (answer.replayed) {
        await assertSamePassword(email, password);
        reply.header('idempotency-replayed', 'true');
      } else {
        told();
        audit(request, 'account opened', user.id);
      }
      return reply.code(201).send(user);
    },
  );

  app.post(
    '/auth/login',
    {
      schema: { summary: 'Log in', body: LoginSchema, response: { 200: TokensSchema, ...problems } },
      preHandler: [
        limit({ perMinute: parts.loginsPerMinute * 10, key: ({ ip }) => `login:${ip}` }),
        limit({ perMinute: parts.loginsPerMinute, key: (request) => `account:${accountOf(request)}` }),
      ],
    },
    async (request) => {
      const { email, password } = request.body;
      const found = await users.findLogin(email);
      const isRight = await passwords.matches(found?.passwordHash, password);
      parts.onLogin(found && isRight ? 'ok' : 'refused');
      if (!found || !isRight) {
        audit(request, 'login refused', found?.user.id);
        throw new Problem('LOGIN_REFUSED', 'Address or password is wrong.');
      }
      audit(request, 'logged in', found.user.id);
      return answerTokens(found.user, await sessions.begin(found.user.id));
    },
  );

  app.post(
    '/auth/token/refresh',
    {
      schema: {
        summary: 'Renew a session',
        body: RefreshSchema,
        response: { 200: TokensSchema, ...problems },
      },
    },
    async (request) => {
      const { userId, token } = await sessions.renew(request.body.refreshToken);
      const user = await users.find(userId);
      if (!user) throw new Problem('TOKEN_WRONG', 'The account is gone.');
      return answerTokens(user, token);
    },
  );

  app.post(
    '/auth/logout',
    {
      schema: { summary: 'End a session', body: RefreshSchema, response: { 204: Type.Null(), ...problems } },
    },
    async (request, reply) => {
      await sessions.end(request.body.refreshToken);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/.well-known/jwks.json',
    { schema: { summary: 'Public keys of access tokens' } },
    async (_request, reply) => {
      // The header is what verifiers cache by; see the rotation in signing-keys.ts.
      return reply.header('cache-control', 'public, max-age=300').send(await keys.published());
    },
  );

  /** The account with that key is theirs who know its password; for anybody else it is another request. */
  async function assertSamePassword(email: string, password: string): Promise<void> {
    const found = await users.findLogin(email);
    if (await passwords.matches(found?.passwordHash, password)) return;
    throw new Problem('KEY_REUSED', 'This Idempotency-Key came with another body before; use a new key.');
  }

  async function answerTokens(user: User, refreshToken: string) {
    const accessToken = await keys.sign(user);
    return { tokenType: 'Bearer' as const, accessToken, expiresIn: parts.accessSeconds, refreshToken, user };
  }
}

/** Registers `/users/*`: accounts, for their owners and managers. */
export function registerUserRoutes(app: App, parts: IdentityParts): void {
  const { users, sessions, passwords, requireRole } = parts;
  const schema = { params: UserParams, response: { 200: UserSchema, ...problems } };

  app.get(
    '/users/:id',
    { schema: { ...schema, summary: 'Read an account' }, preValidation: requireRole() },
    async (request) => visible(request, request.params.id),
  );

  app.patch(
    '/users/:id',
    {
      schema: { ...schema, summary: 'Change an account', body: ChangeUserSchema },
      preValidation: requireRole(),
    },
    async (request) => {
      const { name, password, version } = request.body;
      const user = await visible(request, request.params.id);
      const isOwn = principalOf(request).id === user.id;
      if (password !== undefined && !isOwn) {
        throw new Problem('ACCESS_DENIED', 'Only its owner changes a password.');
      }
      const passwordHash = password === undefined ? undefined : await passwords.hash(password);
      const changed = await users.change(user, { name, passwordHash, version }, actOf(request));
      // Whoever had the old password is out.
      if (password !== undefined) await sessions.endAll(user.id);
      audit(request, password === undefined ? 'account changed' : 'password changed', user.id);
      return changed;
    },
  );

  app.put(
    '/users/:id/role',
    {
      schema: { ...schema, summary: 'Give a role', body: ChangeRoleSchema },
      preValidation: requireRole('manager'),
    },
    async (request) => {
      const { role, permissions = [], version } = request.body;
      const user = await visible(request, request.params.id);
      const changed = await users.changeRole(user, role, permissions, version, actOf(request));
      // Tokens say the role: the next ones say the new one.
      await sessions.endAll(user.id);
      audit(request, `role ${role} given`, user.id);
      return changed;
    },
  );

  /** The account, when it is one's own or of a manager's organisation; otherwise as if there were none. */
  async function visible(request: FastifyRequest, id: string): Promise<User> {
    const principal = principalOf(request);
    const user = await users.find(id);
    const isOthers =
      principal.id !== id &&
      !(['manager', 'service'].includes(principal.role) && user && isOfOrg(principal, user.org));
    if (!user || isOthers) throw new Problem('RESOURCE_UNKNOWN', 'There is no such account.');
    return user;
  }
}

function actOf(request: FastifyRequest): Act {
  return { actor: principalOf(request).id, trace: traceOf(request) };
}

function traceOf(request: FastifyRequest): string | undefined {
  const { traceparent } = request.headers;
  return typeof traceparent === 'string' ? traceparent : undefined;
}

function accountOf(request: FastifyRequest): string {
  return (request.body as { email: string }).email.toLowerCase();
}

/** Who did what to whom: found in the log by `audit`. */
function audit(request: FastifyRequest, action: string, subject: string | undefined): void {
  request.log.info({ audit: true, action, subject, actor: request.principal?.id, ip: request.ip }, 'audit');
}
