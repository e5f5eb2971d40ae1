import { isMap, isNode, isPair, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { Fault, Place } from './errors.ts';

/** A way into a document: keys of maps and indexes of lists, outermost first; empty for the document itself. */
export type YamlPath = readonly (string | number)[];

/**
 * A YAML (or JSON) text read once. `value` is plain data, `undefined` when `faults` is not empty.
 * `placeOf` finds the value at a path, or the deepest node above it that exists; `placeOfKey` the key itself.
 */
export interface YamlDocument {
  readonly value: unknown;
  readonly faults: readonly Fault[];
  placeOf(path: YamlPath): Place;
  placeOfKey(path: YamlPath): Place;
  /** A number, `true` or `false` as it is written there, such as `1.10`; `undefined` for anything else. */
  sourceOf(path: YamlPath): string | undefined;
}

/** Reads a YAML 1.2 text; syntax errors and doubled keys are listed as faults with their places, never thrown. */
export function readYamlDocument(text: string, file: string): YamlDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const errors = document.errors.map((e) => ({ message: e.message, place: placeAt(e.pos[0]) }));
  const plain = errors.length > 0 ? {} : tryPlain(document);
  return {
    value: plain.value,
    faults: plain.message === undefined ? errors : [{ message: plain.message, place: placeAt(0) }],
    placeOf: (path) => placeAt(startOf(nodeAt(document.contents, path))),
    placeOfKey: (path) => placeAt(startOf(keyAt(document.contents, path) ?? nodeAt(document.contents, path))),
    sourceOf: (path) => sourceAt(document.contents, path),
  };
}

/** An alias without its anchor, or one that unfolds without end, shows only when the plain value is made. */
function tryPlain(document: { toJS(): unknown }): { value?: unknown; message?: string } {
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

function nodeAt(root: unknown, path: YamlPath): unknown {
  let node = root;
  for (const step of path) {
    const next = childOf(node, step);
    if (!isNode(next)) return node;
    node = next;
  }
  return node;
}

function childOf(node: unknown, step: string | number): unknown {
  if (isMap(node)) return pairOf(node.items, step)?.value;
  return isNode(node) && 'items' in node ? (node.items as unknown[])[Number(step)] : undefined;
}

function sourceAt(root: unknown, path: YamlPath): string | undefined {
  const node = nodeAt(root, path);
  return isScalar(node) && /number|boolean/.test(typeof node.value) ? node.source : undefined;
}

function keyAt(root: unknown, path: YamlPath): unknown {
  const last = path.at(-1);
  const parent = nodeAt(root, path.slice(0, -1));
  return last !== undefined && isMap(parent) ? pairOf(parent.items, last)?.key : undefined;
}

function pairOf(items: Pair[], key: string | number): Pair | undefined {
  return items.find((item) => isPair(item) && String(item.key) === String(key));
}

function startOf(node: unknown): number {
  return (node as Node | undefined)?.range?.[0] ?? 0;
}
