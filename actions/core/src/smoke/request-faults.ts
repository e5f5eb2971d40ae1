import { query } from 'jsonpath-rfc9535';
import type { Fault } from '../errors.ts';
import type { YamlDocument, YamlPath } from '../yaml-document.ts';
import type { CheckEntry } from './smoke-file.ts';

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** What the schema cannot say of one check: one method, one body, a URL that can be asked, paths that can be read. */
export function requestFaults(entry: CheckEntry, path: YamlPath, document: YamlDocument): Fault[] {
  const at = (...steps: string[]) => document.placeOf([...path, ...steps]);
  const used = METHODS.filter((method) => entry[method] !== undefined);
  const [method] = used;
  const faults: Fault[] = [];
  if (used.length !== 1) {
    const found = used.length === 0 ? 'no request' : `${used.length} requests (${used.join(', ')})`;
    faults.push({
      message: `check "${entry.name}" has ${found}: expected one of get, post, put, delete`,
      place: at(),
    });
  }
  if (entry.json !== undefined && entry.body !== undefined) {
    faults.push({
      message: `check "${entry.name}" has json and body: expected one of them`,
      place: at('body'),
    });
  }
  if (method === 'get' && (entry.json !== undefined || entry.body !== undefined)) {
    const key = entry.json === undefined ? 'body' : 'json';
    const hint = `a get sends no ${key}; to say what must come back, put it under expect`;
    faults.push({ message: `check "${entry.name}": ${hint}`, place: at(key) });
  }
  for (const key of used) {
    const fault = urlFault(entry[key] ?? '');
    if (fault) faults.push({ message: `check "${entry.name}": ${key} ${fault}`, place: at(key) });
  }
  return [...faults, ...pathFaults(entry, path, document)];
}

function urlFault(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed && /^https?:$/.test(parsed.protocol)) return undefined;
  return `is ${JSON.stringify(url)}: expected a URL that begins with http:// or https://, like \${{ base }}/healthz`;
}

function pathFaults(entry: CheckEntry, path: YamlPath, document: YamlDocument): Fault[] {
  return Object.keys(entry.expect?.json ?? {}).flatMap((jsonPath) => {
    const reason = tryReason(() => query({}, jsonPath));
    if (reason === undefined) return [];
    const place = document.placeOfKey([...path, 'expect', 'json', jsonPath]);
    return [
      {
        message: `${JSON.stringify(jsonPath)} is no JSONPath: ${reason}; expected one like $.status or $.items[0].id`,
        place,
      },
    ];
  });
}

function tryReason(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0];
  }
}
