/** One log line as it is shown, with what the choice among lines depends on. */
interface LogLine {
  text: string;
  /** A structured line says how grave it is; a line of plain text does not. */
  level?: string;
}

/** Names of the numbers that pino and bunyan write. */
const LEVEL_NAMES: Readonly<Record<string, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const GRAVE = /^(warn|error|fatal|crit|alert|emerg|severe|panic)/i;
const LONGEST_LINE = 400;

/**
 * Picks the lines of a container's log that tell most about its end, at most `limit`, oldest first.
 *
 * A line of JSON is shown by its level, message and error. Where some lines say that they are errors or
 * warnings, structured lines that say they are not are left out. Lines that repeat are shown once, with how
 * often. Plain text stays as it is.
 */
export function selectLogLines(written: readonly string[], limit: number): string[] {
  if (limit <= 0) return [];
  const lines = written.flatMap(readLine);
  const hasGrave = lines.some(isGrave);
  const telling = lines.filter((line) => !hasGrave || line.level === undefined || isGrave(line));
  return withoutRepeats(telling.map(({ text }) => text)).slice(-limit);
}

function isGrave({ level }: LogLine): boolean {
  return level !== undefined && GRAVE.test(level);
}

/** The message of a structured line may itself hold line ends; each of its lines counts. */
function readLine(written: string): LogLine[] {
  const fields = tryFields(written);
  const text = fields ? renderFields(fields) : written.trimEnd();
  const level = fields && levelOf(fields);
  return text.split('\n').map((line) => ({ text: shorten(line.trimEnd()), level }));
}

function tryFields(written: string): Record<string, unknown> | undefined {
  if (!written.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(written);
    const fields = value as Record<string, unknown>;
    return messageOf(fields) || errorOf(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

function renderFields(fields: Record<string, unknown>): string {
  const level = levelOf(fields);
  const [message, error] = [messageOf(fields), errorOf(fields)];
  const words = message && error && !message.includes(error) ? `${message}: ${error}` : message || error;
  return level ? `${level.toUpperCase()} ${words}` : words;
}

function levelOf(fields: Record<string, unknown>): string | undefined {
  const level = fields.level ?? fields.severity ?? fields.levelname;
  return level === undefined ? undefined : (LEVEL_NAMES[String(level)] ?? String(level));
}

function messageOf({ msg, message }: Record<string, unknown>): string {
  const found = [msg, message].find((text) => typeof text === 'string');
  return found === undefined ? '' : String(found);
}

function errorOf(fields: Record<string, unknown>): string {
  const error = fields.err ?? fields.error ?? fields.exception;
  if (typeof error === 'string') return error;
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : '';
}

function withoutRepeats(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  // The newest place wins: it is the one nearest the failure.
  for (const text of texts) {
    const count = counts.get(text) ?? 0;
    counts.delete(text);
    counts.set(text, count + 1);
  }
  return [...counts].map(([text, count]) => (count > 1 ? `${text} (${count} times)` : text));
}

function shorten(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE - 1)}…` : text;
}
