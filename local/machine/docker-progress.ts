import { StringDecoder } from 'node:string_decoder';

/**
 * Reads what an engine tells while it pulls, pushes or imports, to the end. An engine answers 200 first and tells
 * of a failure in the stream, which the client library passes over: it is thrown here, with the engine's words.
 */
export async function followProgress(answer: NodeJS.ReadableStream): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let failure: string | undefined;
  for await (const chunk of answer) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) failure = failureIn(line) ?? failure;
  }
  failure = failureIn(rest) ?? failure;
  if (failure !== undefined) throw new Error(failure);
}

function failureIn(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const told = JSON.parse(line) as { error?: string; errorDetail?: { message?: string } };
  return told.errorDetail?.message ?? told.error;
}
