import swagger from '@fastify/swagger';
import type { App } from './app.ts';

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
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
