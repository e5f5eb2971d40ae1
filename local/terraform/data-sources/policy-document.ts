import { createHash } from 'node:crypto';
import { ProviderError } from '../protocol/diagnostic.ts';
import { isList, isObject, type ObjectValue, type Value } from '../protocol/value.ts';

type Statement = { Sid?: string } & Readonly<Record<string, unknown>>;
type Document = { Version: string; Id?: string; Statement: Statement[] };

/**
 * Renders `aws_iam_policy_document` as the provider does: names of one value are texts, actions and resources in
 * reverse order, `&{` for `${`, statements of the same Sid replaced in the order source, own, override.
 * Source: terraform-provider-aws, internal/service/iam/policy_document_data_source.go and policy_model.go (6.x).
 */
export function renderPolicyDocument(config: ObjectValue): ObjectValue {
  const version = textOf(config.version) ?? '2012-10-17';
  const own = statementsOf(config.statement, version);
  refuseTwins(own, 'statement');
  const sources = textsOf(config.source_policy_documents).map(parseDocument);
  refuseTwins(
    sources.flatMap((source) => source.Statement),
    'source_policy_documents',
  );
  const policyId = textOf(config.policy_id);
  const mine: Document = { Version: version, ...(policyId && { Id: policyId }), Statement: own };
  const overrides = textsOf(config.override_policy_documents).map(parseDocument);
  const merged = [...sources, mine, ...overrides].reduce(mergeDocuments, { Version: '', Statement: [] });
  const { Version, Id, Statement } = merged;
  const ordered = { Version, ...(Id && { Id }), ...(Statement.length > 0 && { Statement }) };
  const json = escapeLikeGo(JSON.stringify(ordered, null, 2));
  return {
    json,
    minified_json: escapeLikeGo(JSON.stringify(ordered)),
    version,
    id: createHash('sha256').update(json).digest('hex').slice(0, 10),
    statement: withEffects(config.statement ?? null),
  };
}

function withEffects(statements: Value): Value {
  if (!isList(statements)) return statements;
  return statements.map((item) => (isObject(item) ? { ...item, effect: item.effect ?? 'Allow' } : item));
}

function mergeDocuments(into: Document, next: Document): Document {
  const merged = [...into.Statement];
  for (const statement of next.Statement) {
    const same = statement.Sid ? merged.findIndex(({ Sid }) => Sid === statement.Sid) : -1;
    if (same < 0) merged.push(statement);
    else merged[same] = statement;
  }
  const Version = [into.Version, next.Version].sort().at(-1) ?? '';
  const Id = next.Id ?? into.Id;
  return { Version, ...(Id && { Id }), Statement: merged };
}

function refuseTwins(statements: readonly Statement[], where: string): void {
  const seen = new Set<string>();
  for (const { Sid } of statements) {
    if (!Sid) continue;
    if (seen.has(Sid))
      throw new ProviderError(
        'duplicate Sid',
        `duplicate Sid (${Sid}). Remove the Sid or ensure the Sid is unique.`,
        [where],
      );
    seen.add(Sid);
  }
}

function statementsOf(blocks: Value | undefined, version: string): Statement[] {
  return (isList(blocks) ? blocks : []).filter(isObject).map((block) => {
    const text = (name: string) => replaceVariables(oneOrReversed(textsOf(block[name])), version);
    const plain = (name: string) => oneOrReversed(textsOf(block[name]));
    const entries = {
      Sid: textOf(block.sid),
      Effect: textOf(block.effect) ?? 'Allow',
      Action: plain('actions'),
      NotAction: plain('not_actions'),
      Resource: text('resources'),
      NotResource: text('not_resources'),
      Principal: principalsOf(block.principals, version),
      NotPrincipal: principalsOf(block.not_principals, version),
      Condition: conditionsOf(block.condition, version),
    };
    return Object.fromEntries(
      Object.entries(entries).filter(([, value]) => value !== undefined),
    ) as Statement;
  });
}

function principalsOf(blocks: Value | undefined, version: string): unknown {
  const principals = (isList(blocks) ? blocks : []).filter(isObject);
  if (principals.length === 0) return undefined;
  const [first] = principals;
  if (principals.length === 1 && first?.type === '*' && textsOf(first.identifiers).join() === '*') return '*';
  const byType = new Map<string, string[]>();
  for (const { type, identifiers } of principals) {
    const name = String(type);
    const sorted = textsOf(identifiers).sort().reverse();
    byType.set(name, [...(byType.get(name) ?? []), ...sorted]);
  }
  return sortedObject([...byType].map(([type, names]) => [type, replaceVariables(oneOf(names), version)]));
}

/** The order of a condition's values matters and is kept. */
function conditionsOf(blocks: Value | undefined, version: string): unknown {
  const conditions = (isList(blocks) ? blocks : []).filter(isObject);
  if (conditions.length === 0) return undefined;
  const byTest = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of conditions) {
    const variables = byTest.get(String(test)) ?? new Map<string, string[]>();
    byTest.set(String(test), variables);
    const name = String(variable);
    variables.set(name, [...(variables.get(name) ?? []), ...textsOf(values)]);
  }
  return sortedObject(
    [...byTest].map(([test, variables]) => [
      test,
      sortedObject([...variables].map(([name, values]) => [name, replaceVariables(oneOf(values), version)])),
    ]),
  );
}

type Texts = string | string[] | undefined;

function replaceVariables(texts: Texts, version: string): Texts {
  if (texts === undefined || version === '2008-10-17') return texts;
  const replace = (text: string) => text.replaceAll('&{', '${');
  return Array.isArray(texts) ? texts.map(replace) : replace(texts);
}

function oneOrReversed(texts: string[]): Texts {
  return texts.length === 0 ? undefined : oneOf(texts.sort().reverse());
}

function oneOf(texts: string[]): string | string[] {
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only : texts;
}

function sortedObject(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function parseDocument(text: string): Document {
  const parsed = JSON.parse(text === '' ? '{}' : text) as Partial<Document> & {
    Statement?: Statement | Statement[];
  };
  return { Version: '', ...parsed, Statement: [parsed.Statement ?? []].flat() };
}

function textOf(value: Value | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(value: Value | undefined): string[] {
  return isList(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Go writes these five characters of JSON escaped. */
function escapeLikeGo(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
