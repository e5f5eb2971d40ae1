import type { RunCommand } from '../../core/src/command.ts';
import { tryCompare } from '../../core/src/github/compare-commits.ts';
import type { GitHubRun } from '../../core/src/github/github-run.ts';

/** One commit, as `git log` shows it in a line. */
export interface Commit {
  sha: string;
  subject: string;
}

/** The commits that a rollback takes away, newest first; `note` says what keeps them from being known, or whole. */
export interface CommitsAway {
  from?: string;
  to?: string;
  commits: Commit[];
  /** How many there are; `commits` lists fifty at most. */
  total: number;
  note?: string;
}

/** Where commits are asked for. */
export interface CommitSource {
  runCommand: RunCommand;
  github: Pick<GitHubRun, 'repository' | 'apiUrl' | 'workspace'>;
  token: string | undefined;
}

/** A tag is a text of anybody's. */
const COMMIT = /^[0-9a-f]{7,64}$/;
/** How many are listed; more are counted only. */
const LISTED = 50;
/** Commits are an extra: a rollback does not wait longer for them. */
const PATIENCE_MS = 5_000;

/**
 * Lists what lies between the commit gone back to and the one that is left: by GitHub where there is a token, else
 * by the clone of the workspace. Never throws; what is not known is said in `note`.
 */
export async function readCommitsAway(
  { from, to }: { from: string | undefined; to: string | undefined },
  source: CommitSource,
): Promise<CommitsAway> {
  if (!from || !to || !COMMIT.test(from) || !COMMIT.test(to)) {
    const which = from ? 'the revision gone back to' : 'the revision that is left';
    const note = `which commits go away is not known: ${which} has no tag git-sha with a commit`;
    return { commits: [], total: 0, note, ...(from ? { from } : {}), ...(to ? { to } : {}) };
  }
  if (from === to) return { from, to, commits: [], total: 0, note: 'both revisions are of the same commit' };
  const found = (await tryGitHub(from, to, source)) ?? (await tryLog(from, to, source));
  const note = `the commits between ${short(to)} and ${short(from)} could not be listed: no token that may read them, and no clone that has both`;
  return { from, to, ...(found ?? { commits: [], total: 0, note }) };
}

/** The commits as lines of text. */
export function renderCommits({ commits, total, note }: CommitsAway): string[] {
  const head = total > 0 ? [total === 1 ? '1 commit goes away:' : `${total} commits go away:`] : [];
  return [
    ...head,
    ...commits.map(({ sha, subject }) => `  ${short(sha)} ${subject}`),
    ...(note ? [note] : []),
  ];
}

type Listed = Pick<CommitsAway, 'commits' | 'total' | 'note'>;

async function tryGitHub(
  from: string,
  to: string,
  { github, token }: CommitSource,
): Promise<Listed | undefined> {
  const request = { older: to, newer: from, listed: 100, patienceMs: PATIENCE_MS };
  const found = await tryCompare(github, token, request);
  const commits = found?.commits.map(({ sha, commit }) => ({ sha, subject: firstLine(commit.message) }));
  return found && commits && listed(commits.reverse(), found.total_commits, found.behind_by);
}

async function tryLog(
  from: string,
  to: string,
  { runCommand, github }: CommitSource,
): Promise<Listed | undefined> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    const { exitCode, stdout } = await runCommand('git', ['-C', github.workspace, ...args]);
    return exitCode === 0 ? stdout.trim() : undefined;
  };
  try {
    const log = await git('log', '--format=%H %s', `${to}..${from}`, '--');
    if (log === undefined) return undefined;
    const commits = log === '' ? [] : log.split('\n').map(toCommit);
    const behind = await git('rev-list', '--count', `${from}..${to}`, '--');
    return listed(commits, commits.length, Number(behind ?? 0));
  } catch {
    return undefined;
  }
}

function toCommit(line: string): Commit {
  return { sha: line.slice(0, 40), subject: line.slice(41) };
}

function listed(commits: Commit[], total: number, behind: number): Listed {
  const notes = [
    ...(total > LISTED ? [`and ${total - LISTED} more`] : []),
    ...(behind > 0 ? [`${behind} that the revision left does not have come back`] : []),
    ...(total === 0 && behind === 0 ? ['no commit lies between the two'] : []),
  ];
  const note = notes.join('; ');
  return { commits: commits.slice(0, LISTED), total, ...(note ? { note } : {}) };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

function short(sha: string): string {
  return sha.slice(0, 12);
}
