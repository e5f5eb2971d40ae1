import type { GitHubApi } from './api.ts';
import { isBot } from './marked-comment.ts';

/** One subject that has at most one open issue. */
export interface IssueSubject {
  readonly marker: string;
  readonly title: string;
  /** By which it is found again; made by GitHub where there is none. */
  readonly label: string;
}

/** Opens the subject's issue, or writes the text of the one that is open. Gives its number. */
export async function putMarkedIssue(api: GitHubApi, subject: IssueSubject, text: string): Promise<number> {
  const { marker, title, label } = subject;
  const body = `${marker}\n${text}`;
  const open = await tryOpenIssue(api, subject);
  if (open !== undefined) {
    await api.patch(`/issues/${open}`, { title, body });
    return open;
  }
  const made = (await api.post('/issues', { title, body, labels: [label] })) as { number: number };
  return made.number;
}

/** Closes the subject's open issue with a last word. Gives its number, or `undefined` where none is open. */
export async function closeMarkedIssue(
  api: GitHubApi,
  subject: IssueSubject,
  lastWord: string,
): Promise<number | undefined> {
  const open = await tryOpenIssue(api, subject);
  if (open === undefined) return undefined;
  await api.post(`/issues/${open}/comments`, { body: lastWord });
  await api.patch(`/issues/${open}`, { state: 'closed', state_reason: 'completed' });
  return open;
}

async function tryOpenIssue(api: GitHubApi, { marker, label }: IssueSubject): Promise<number | undefined> {
  const issues = await api.list(`/issues?state=open&labels=${encodeURIComponent(label)}`);
  const ours = issues.find(
    ({ body, user, pull_request }) => !pull_request && isBot(user) && String(body).startsWith(marker),
  );
  return ours && Number(ours.number);
}
