import type { ObjectValue } from '../protocol/value.ts';
import type { Context } from '../provider/backend.ts';
import type { ServiceName } from './aws-calls.ts';
import type { Shape } from './shape.ts';

/** What a row's functions are told beside the resource: its schema, the provider block, other calls to AWS. */
export type At = Context & {
  call(service: ServiceName, command: string, input: Shape): Promise<Shape>;
  /** Waits between two looks at something that takes its time. */
  pause(): Promise<void>;
  options: LocalOptions;
};

/** Real servers that stand for managed ones; without them the record is all there is. */
export type LocalOptions = {
  /** Host and port that database instances are reached at. */
  postgres?: { host: string; port: number };
  redis?: { host: string; port: number };
};

/** A resource's arguments and results with nothing unknown in it; an unwritten argument is `null`. */
export type Known = ObjectValue;

/** One call. `names` limits an update's step to changes of those arguments; `when` to resources it is for. */
export type Step = {
  command: string;
  service?: ServiceName;
  input: (value: Known, at: At, prior?: Known) => Shape;
  /** Results that the answer holds, `id` among them at a creation. */
  result?: (answer: Shape, value: Known, at: At) => ObjectValue;
  when?: (value: Known, prior?: Known) => boolean;
  names?: readonly string[];
};

/** A call that looks. `state` gives what was found, `null` when the thing is gone. */
export type Look = {
  command: string;
  service?: ServiceName;
  input: (value: Known, at: At) => Shape;
  state: (answer: Shape, value: Known, at: At) => ObjectValue | null;
  when?: (value: Known) => boolean;
  /** An error of this look says that a part is not set, not that the resource is gone. */
  absent?: ObjectValue;
};

export type TagStyle = {
  /** Tags of the thing; absent where the first look answers them under `tags`. */
  read?: { command: string; input: (value: Known) => Shape; tags: (answer: Shape) => Record<string, string> };
  set: { command: string; input: (value: Known, tags: Readonly<Record<string, string>>) => Shape };
  unset: { command: string; input: (value: Known, keys: readonly string[]) => Shape };
};

/** How one resource type lives on the local AWS, in SDK calls. */
export type Row = {
  service: ServiceName;
  create: readonly Step[];
  read: readonly Look[];
  /** Absent where nothing but tags can change in place. */
  update?: readonly Step[];
  delete: readonly Step[];
  tags?: TagStyle;
  /** After a write: whether what was asked for is done. Looked at until it is. */
  settled?: (at: At, value: Known) => Promise<boolean>;
  /** After a deletion: whether it is gone. Looked at until it is. */
  gone?: (at: At, value: Known) => Promise<boolean>;
  /** What an import's id says; `{ id }` is known already. */
  import?: (id: string, at: At) => ObjectValue;
};

export type Rows = Readonly<Record<string, Row>>;
