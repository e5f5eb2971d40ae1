import type { YamlPath } from '../../core/src/yaml-document.ts';
import type { ApiShape } from './api-shape.ts';

/**
 * Makes texts of numbers and booleans where the API has a text, such as `value: 8080` in YAML or `"cpu": 256`, as
 * they are written. Everything else stays as it is, empty values and unknown fields included.
 */
export function withTexts(
  value: unknown,
  shape: ApiShape,
  sourceOf: (path: YamlPath) => string | undefined,
  path: YamlPath = [],
): unknown {
  if (shape.kind === 'text') {
    const isPlain = typeof value === 'number' || typeof value === 'boolean';
    return isPlain ? (sourceOf(path) ?? String(value)) : value;
  }
  if (shape.kind === 'list' && Array.isArray(value)) {
    return value.map((item, i) => withTexts(item, shape.item(), sourceOf, [...path, i]));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const shapeOf = (key: string): ApiShape | undefined => {
    if (shape.kind === 'map') return shape.value();
    return shape.kind === 'struct' ? shape.members.get(key)?.() : undefined;
  };
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const member = shapeOf(key);
    return [key, member ? withTexts(item, member, sourceOf, [...path, key]) : item];
  });
  return Object.fromEntries(entries);
}
