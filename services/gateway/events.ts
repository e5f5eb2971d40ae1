import { principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Clock } from '../lib/clock.ts';
import { Problem, ProblemSchema } from '../lib/problem.ts';
import { EventStreamAnswer, openEventStream } from '../lib/sse.ts';
import type { Hub } from './hub.ts';
import { EventsQuery } from './schemas.ts';
import { expiryOf } from './socket.ts';
import type { OpenTopic } from './topic.ts';

/** Below a load balancer's 60 s, and what most proxies allow. */
const heartbeatMs = 15_000;
const topicsAtMost = 100;

/** Registers `GET /events`: live events as a stream of server-sent events, each named after its topic. */
export function registerEventsRoute(
  app: App,
  deps: { hub: Hub; openTopic: OpenTopic; requireRole: RequireRole; clock: Clock },
): void {
  const { hub, openTopic, clock } = deps;
  app.get(
    '/events',
    {
      // A stream without a body would only hold a connection.
      exposeHeadRoute: false,
      schema: {
        summary: 'Watch topics',
        description:
          'Answers `text/event-stream`; each event is named after its topic, its data are JSON. Ends with the token. `GET /ws` gives the same over a WebSocket.',
        querystring: EventsQuery,
        response: { 200: EventStreamAnswer, '4xx': ProblemSchema, '5xx': ProblemSchema },
      },
      preValidation: deps.requireRole(),
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const names = [...new Set(request.query.topics.split(','))];
      if (names.length > topicsAtMost) {
        throw new Problem('REQUEST_INVALID', `At most ${topicsAtMost} topics.`, { field: 'topics' });
      }
      const topics = await Promise.all(names.map((name) => openTopic(name, principal, request)));
      const stream = openEventStream(request, reply, { heartbeatMs, clock });
      const client = {
        take: ({ topic, data }: { topic: string; data: string }) => stream.send({ event: topic, data }),
        restart: stream.close,
      };
      const leave = hub.join(client, 'events');
      stream.closed.addEventListener('abort', () => {
        if (stream.closed.reason === 'slow') hub.countDropped();
        leave();
      });
      for (const topic of topics) hub.watch(client, topic);
      const leftMs = Math.max(0, Math.min(expiryOf(request) - clock.now(), 2 ** 31 - 1));
      clock.sleep(leftMs, stream.closed).then(stream.close, () => undefined);
    },
  );
}
