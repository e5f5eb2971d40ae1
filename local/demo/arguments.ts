import { parseArgs } from 'node:util';

/** What a user asks the demo for; or the sentence that says what to write instead. */
export type DemoRequest =
  | { readonly kind: 'pipeline'; readonly keep: boolean }
  | { readonly kind: 'platform' }
  | { readonly kind: 'refused'; readonly reason: string };

const usage = 'write nothing, --keep, or platform';

/** Reads what stands after `npm run demo --`. Never throws. */
export function parseDemoArguments(args: readonly string[]): DemoRequest {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { keep: { type: 'boolean', default: false } },
    strict: false,
    tokens: true,
  });
  const unknown = tokens.find(
    (token) => token.kind === 'option' && (token.name !== 'keep' || token.value !== undefined),
  );
  if (unknown) return refuse(`there is no option ${args[unknown.index]}`);
  const [story, ...more] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  if (more.length > 0) return refuse(`it tells one story at a time, not ${[story, ...more].join(' and ')}`);
  if (story === undefined) return { kind: 'pipeline', keep: values.keep === true };
  if (story !== 'platform') return refuse(`there is no story "${story}"`);
  return values.keep
    ? refuse('platform leaves nothing running, so that it takes no --keep')
    : { kind: 'platform' };
}

function refuse(what: string): DemoRequest {
  return { kind: 'refused', reason: `berth demo: ${what}; ${usage}.` };
}
