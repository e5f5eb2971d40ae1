import type { FastifyRequest } from 'fastify';
import type { App } from '../lib/app.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import type { MailQueue } from './mail-queue.ts';
import { EmailAcceptedSchema, EmailRequestSchema } from './schemas.ts';
import type { TokenCheck } from './token.ts';

const response = { 202: EmailAcceptedSchema, '4xx': ProblemSchema, '5xx': ProblemSchema };

/** Registers POST /api/email. */
export function registerEmailRoute(app: App, deps: { tokens: TokenCheck; mails: MailQueue }): void {
  const { tokens, mails } = deps;

  /** Before validation: who has no token learns nothing about the body's schema. */
  async function requireToken(request: FastifyRequest): Promise<void> {
    const token = tokenOf(request);
    if (token === undefined) {
      throw new Problem('TOKEN_MISSING', 'Send it as Authorization: Bearer, or as token in the body.');
    }
    if (!(await tokens.matches(token))) throw new Problem('TOKEN_WRONG', 'This is not the token.');
  }

  app.post(
    '/api/email',
    { schema: { body: EmailRequestSchema, response }, preValidation: requireToken },
    async (request, reply) => {
      const messageId = await mails.send(request.body.data);
      return reply.code(202).send({ status: 'queued', messageId });
    },
  );
}

/** The bearer token, else the body's; `undefined` when there is neither. The body is parsed but not validated yet. */
function tokenOf(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const { body } = request;
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  return typeof token === 'string' && token !== '' ? token : undefined;
}
