import { until } from './caller.ts';

/** One server-sent event. */
export interface Received {
  readonly id: string | undefined;
  readonly event: string | undefined;
  /** Whatever the service says; each test checks its own part. */
  readonly data: Readonly<Record<string, unknown>> & { readonly point?: { lat: number; lon: number } };
}

/** An open stream of server-sent events. */
export interface OpenStream {
  /** Gives the first event not yet given that is as wanted; fails when it does not come. */
  until(isWanted: (received: Received) => boolean): Promise<Received>;
  /** Resolves when the service has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens a stream, from the event with that id where there is one. */
export async function openStream(url: string, token?: string, lastEventId?: string): Promise<OpenStream> {
  const stop = new AbortController();
  const response = await fetch(url, {
    signal: stop.signal,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  });
  if (!response.ok || !response.body) throw new Error(`The stream was answered with ${response.status}.`);
  const received: Received[] = [];
  const ended = readAll(response.body.pipeThrough(new TextDecoderStream()), received);
  return {
    ended,
    async until(isWanted) {
      await until(() => received.some(isWanted)).catch(() => {
        throw new Error(`It did not come; these did: ${JSON.stringify(received)}.`);
      });
      return received.splice(0, received.findIndex(isWanted) + 1).at(-1) as Received;
    },
    close: () => stop.abort(),
  };
}

async function readAll(stream: ReadableStream<string>, received: Received[]): Promise<void> {
  let text = '';
  try {
    for await (const chunk of stream) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      received.push(...blocks.filter((block) => block.includes('data: ')).map(parse));
    }
  } catch {
    // Closed by the test.
  }
}

function parse(block: string): Received {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
  return { id: fields.id, event: fields.event, data: JSON.parse(fields.data ?? 'null') };
}
