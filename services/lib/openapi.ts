import swagger from '@fastify/swagger';
import type { App } from './app.ts';
import { ProblemSchema } from './problem.ts';

/**
 * Serves `GET /openapi.json`, made from the schemas of the routes registered after this. Routes of machines (health,
 * metrics) are left out. `about` is what is to be said beside the routes; empty for nothing.
 */
export async function registerOpenApi(app: App, service: string, about: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: service,
        version: '1',
        ...(about !== '' && { description: about }),
        license: { name: 'Apache-2.0' },
      },
      components: {
        securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    hideUntagged: false,
    transform: ({ schema, url }) => ({
      schema: { ...schema, response: withMediaTypes(schema.response) },
      url,
    }),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** Says of problems what they are sent as; a schema alone would be taken for `application/json`. */
function withMediaTypes(response: unknown): unknown {
  if (typeof response !== 'object' || response === null) return response;
  const problem = {
    description: 'A problem document (RFC 9457).',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  };
  return Object.fromEntries(
    Object.entries(response).map(([status, schema]) => [status, schema === ProblemSchema ? problem : schema]),
  );
}
