import type { HandlersOf } from '../wire/service.ts';

/** Account and Region that a call is made in. */
export type CallPlace = { accountId: string; region: string };

export type ConditionKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * A permission that a call takes: the action on each of the resources (full ARNs, patterns for things that are
 * only being made, or `*` for actions without resources), with the condition keys the call gives values to.
 */
export type AccessNeed = { action: string; resources: readonly string[]; keys?: ConditionKeys };

type InputOf<Handler> = Handler extends (input: infer Input, ...rest: never[]) => unknown ? Input : never;

/** For each operation of an SDK client package, the permissions it takes; none for an empty list. */
export type NeedsTable<Client> = {
  readonly [K in keyof HandlersOf<Client>]?: (
    input: InputOf<NonNullable<HandlersOf<Client>[K]>>,
    place: CallPlace,
  ) => AccessNeed[];
};

/** Condition keys of tags that a call brings: `aws:RequestTag/<key>` and `aws:TagKeys`. */
export function requestTagKeys(
  tags: readonly { key?: string; Key?: string; value?: string; Value?: string }[] | undefined,
): ConditionKeys {
  if (!tags?.length) return {};
  const pairs = tags.map((tag) => [tag.key ?? tag.Key ?? '', tag.value ?? tag.Value ?? ''] as const);
  return {
    ...Object.fromEntries(pairs.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': pairs.map(([key]) => key),
  };
}

/** A boolean as policies compare it, absent where the call does not say. */
export const flag = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(value);
