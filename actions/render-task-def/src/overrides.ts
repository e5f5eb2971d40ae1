import { faultsError } from '../../core/src/errors.ts';
import { readWorkspaceFile, tryWorkspaceFile } from '../../core/src/workspace-file.ts';
import { readYamlDocument, type YamlDocument, type YamlPath } from '../../core/src/yaml-document.ts';

/** Overrides of one task definition, with what tells places in their text. */
export interface Overrides {
  value: Record<string, unknown>;
  document: YamlDocument;
  /** Where in the text they begin. */
  at: YamlPath;
}

const MISSING = { code: 'INPUT_INVALID', more: '; the input "overrides" names it.' } as const;

/** Whose overrides are wanted; `service` is empty for a template without a manifest. */
export interface OverridesOwner {
  service: string;
  environment: string;
}

/**
 * Reads the input `overrides` for one service: the path of a file, in which `{service}` and `{environment}` stand
 * for names, or YAML as it is. Without a manifest that is the overrides themselves, with one it is a map of them by
 * service. `undefined` when there are none for it; a file that is named for each service may be absent.
 */
export async function readOverrides(
  input: string | undefined,
  owner: OverridesOwner,
  workspace: string,
): Promise<Overrides | undefined> {
  if (input === undefined) return undefined;
  if (isPath(input)) {
    const path = input.replaceAll('{service}', owner.service).replaceAll('{environment}', owner.environment);
    const text = input.includes('{service}')
      ? await tryWorkspaceFile(workspace, path)
      : await readWorkspaceFile(workspace, path, MISSING);
    return text === undefined ? undefined : parseOverrides(text, path, []);
  }
  return parseOverrides(input, 'overrides', owner.service === '' ? [] : [owner.service]);
}

/** The services that overrides in the input itself name; none for a file. */
export function overriddenServices(input: string | undefined): string[] {
  if (input === undefined || isPath(input)) return [];
  const { value } = readYamlDocument(input, 'overrides');
  return isMap(value) ? Object.keys(value) : [];
}

function isPath(input: string): boolean {
  return /^\S+\.(json|ya?ml)$/i.test(input);
}

function parseOverrides(text: string, file: string, at: YamlPath): Overrides | undefined {
  const document = readYamlDocument(text, file);
  if (document.faults.length > 0) {
    throw faultsError('INPUT_INVALID', `${file} cannot be read:`, document.faults);
  }
  const { value } = document;
  const own = at.length === 0 ? value : isMap(value) ? value[String(at[0])] : value;
  if (own === undefined || own === null) return undefined;
  if (isMap(own)) return { value: own, document, at };
  const message = 'expected a map of task definition fields, such as `cpu: 512`';
  throw faultsError('INPUT_INVALID', `${file} are no overrides:`, [{ message, place: document.placeOf(at) }]);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
