import type { GitHubApi } from './api.ts';

/** A comment of ours, told from others by a marker that readers do not see. */
export interface MarkedComment {
  readonly id: number;
  readonly body: string;
}

/** An HTML comment, which GitHub does not show; `--` would end it. */
export function markerOf(...words: readonly string[]): string {
  return `<!-- berth ${words.join(' ').replaceAll('--', '- -')} -->`;
}

/** The comment of a pull request or issue that begins with the marker and was written by a bot. */
export async function tryMarkedComment(
  api: GitHubApi,
  number: number,
  marker: string,
): Promise<MarkedComment | undefined> {
  const comments = await api.list(`/issues/${number}/comments`);
  const ours = comments.find(({ body, user }) => isBot(user) && String(body).startsWith(marker));
  return ours && { id: Number(ours.id), body: String(ours.body) };
}

/** Writes the one comment with the marker: changed where it is there, else made. */
export async function putMarkedComment(
  api: GitHubApi,
  number: number,
  marker: string,
  text: string,
): Promise<void> {
  const body = `${marker}\n${text}`;
  const there = await tryMarkedComment(api, number, marker);
  if (there) await api.patch(`/issues/comments/${there.id}`, { body });
  else await api.post(`/issues/${number}/comments`, { body });
}

/** Anyone may write a marker; only what a workflow wrote is ours. */
export function isBot(user: unknown): boolean {
  return typeof user === 'object' && user !== null && (user as { type?: unknown }).type === 'Bot';
}
