/**
 * A write was sent and its answer never came: it may have been carried out, or not. `original` is the error
 * of the connection. It is not called `cause`, because the SDK looks into causes to decide on a retry.
 */
export class AmbiguousWrite extends Error {
  readonly original: unknown;

  constructor(original: unknown) {
    const reason = original instanceof Error ? original.message : String(original);
    super(`AWS did not answer a write, which may have been carried out: ${reason}`);
    this.name = 'AmbiguousWrite';
    this.original = original;
  }
}

type Next = (args: unknown) => Promise<unknown>;

/** `never`, because the SDK types each command's stack by its own input; the middleware reads none of it. */
interface RetriedStack {
  middlewareStack: {
    addRelativeTo(
      middleware: never,
      options: { relation: 'after'; toMiddleware: 'retryMiddleware'; name: string },
    ): void;
  };
}

const AMBIGUOUS_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET']);
const AMBIGUOUS_NAMES = new Set(['TimeoutError', 'RequestTimeout', 'RequestTimeoutException', 'AbortError']);

/**
 * Sends a write so that the SDK repeats it only where it certainly was not carried out (throttling, a refused
 * connection). Where that is uncertain, `AmbiguousWrite` is thrown: read back before trying again.
 * UpdateService, RegisterTaskDefinition and StopServiceDeployment have no client token (ECS API, 2026-11).
 */
export async function sendOnce<C extends RetriedStack, O>(
  command: C,
  send: (command: C) => Promise<O>,
): Promise<O> {
  const stopAtDoubt =
    (next: Next): Next =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isAmbiguous(error) ? new AmbiguousWrite(error) : error;
      }
    };
  command.middlewareStack.addRelativeTo(stopAtDoubt as never, {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'berthStopAtDoubt',
  });
  return send(command);
}

function isAmbiguous(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, $metadata } = error as Error & { code?: string; $metadata?: { httpStatusCode?: number } };
  if (($metadata?.httpStatusCode ?? 0) >= 500) return true;
  return (
    AMBIGUOUS_CODES.has(code ?? '') || AMBIGUOUS_NAMES.has(error.name) || /socket hang up/.test(error.message)
  );
}
