import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../core/src/errors.ts';
import { renderNearMatches } from '../../core/src/near-match.ts';

/**
 * Looks at the root module before anybody is asked for anything. Throws `TERRAFORM_NO_ROOT` where the folder holds no
 * Terraform code. Gives a sentence for each variable that the module does not declare: Terraform takes such a one from
 * its environment without a word. A module with JSON files is not judged.
 */
export async function checkRootModule(
  root: string,
  variables: readonly string[],
  workspace: string,
): Promise<string[]> {
  const folder = join(workspace, root);
  const files = (await readdir(folder).catch(() => [])).filter((name) => /\.tf(\.json)?$/.test(name));
  if (files.length === 0) throw await noRoot(root, workspace);
  if (files.some((name) => name.endsWith('.json'))) return [];
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const declared = texts.flatMap((text) =>
    [...text.matchAll(/^\s*variable\s+"?([\w-]+)"?/gm)].map(([, name = '']) => name),
  );
  return variables
    .filter((name) => !declared.includes(name))
    .map(
      (name) =>
        `"variables" names "${name}", which ${root} does not declare.${renderNearMatches(name, declared)}`,
    );
}

async function noRoot(root: string, workspace: string): Promise<UserError> {
  const beside = await readdir(join(workspace, dirname(root)), { withFileTypes: true }).catch(() => []);
  const near = renderNearMatches(
    basename(root),
    beside.filter((entry) => entry.isDirectory()).map(({ name }) => name),
  );
  return new UserError(
    'TERRAFORM_NO_ROOT',
    `There is no Terraform code in ${root} of the workspace; expected the folder of a root module.${near} Is the repository checked out?`,
  );
}
