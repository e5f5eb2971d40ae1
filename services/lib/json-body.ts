import type { App } from './app.ts';
import { Problem } from './problem.ts';

/**
 * Reads JSON bodies, and refuses those with a text that no store keeps: with a NUL character, or with half of a
 * surrogate pair. PostgreSQL refuses both only once the statement runs. Only escapes can write them, since the rest of
 * a body is UTF-8 and JSON forbids bare control characters; a body without any is not looked through.
 */
export function registerJsonBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  // Fastify's own takes any text; nothing here does.
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const escaped = text.includes('\\u');
    parse(request, String(text), (error, body) => {
      const field = error || !escaped ? undefined : findUnstorable(body);
      if (field === undefined) return done(error, body);
      const detail = `${field || 'The body'} has a NUL character or half of a surrogate pair; leave it out.`;
      done(new Problem('BODY_INVALID', detail, field === '' ? {} : { field }));
    });
  });
}

/** The dotted path of the first text, or name of a field, that cannot be kept; empty for the body itself. */
function findUnstorable(value: unknown, path: readonly string[] = []): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : path.join('.');
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (!isStorable(name)) return path.join('.');
    const found = findUnstorable(inner, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
