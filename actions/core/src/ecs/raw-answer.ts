/** What a JSON answer of ECS held, before the SDK picked out the fields it knew when it was built. */
export interface RawAnswer {
  taskDefinition?: Record<string, unknown>;
}

/** `never`, because the SDK types each command's stack by its own input; the middleware reads none of it. */
interface DeserializedStack {
  middlewareStack: {
    add(middleware: never, options: { step: 'deserialize'; priority: 'low'; name: string }): void;
  };
}

interface Response {
  statusCode: number;
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

type Next = (args: unknown) => Promise<{ response: Response }>;

/**
 * Keeps the body of a command's answer as it came over the wire. Add it before the command is sent, and ask for it
 * afterwards: an empty object when there was no answer, or none in JSON. Nothing is sent differently.
 */
export function keepRawAnswer(command: DeserializedStack): () => RawAnswer {
  let kept: RawAnswer = {};
  const middleware =
    (next: Next): Next =>
    async (args) => {
      const result = await next(args);
      const { response } = result;
      if (response.statusCode !== 200 || response.body === undefined) return result;
      const bytes = await bytesOf(response.body);
      response.body = bytes;
      kept = tryJson(new TextDecoder().decode(bytes)) ?? {};
      return result;
    };
  command.middlewareStack.add(middleware as never, {
    step: 'deserialize',
    priority: 'low',
    name: 'berthKeepRawAnswer',
  });
  return () => kept;
}

async function bytesOf(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

function tryJson(text: string): RawAnswer | undefined {
  try {
    return JSON.parse(text) as RawAnswer;
  } catch {
    return undefined;
  }
}
