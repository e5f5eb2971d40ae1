import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { attributeNumber, attributeText } from '../attributes.ts';
import { forwardTargets, type TargetGroupRecord, type TargetRecord } from '../records.ts';
import { type CookieSeal, cookiePair, cookieValue, setsCookie } from './cookies.ts';
import type { RawHeaders } from './headers.ts';

export interface Sticking {
  seal: CookieSeal;
  now: number;
  /** The request's header fields. */
  headers: RawHeaders;
  /** Whether the client came over TLS. */
  isSecure: boolean;
}

/** Gives the `Set-Cookie` values for an answer, from that answer's own fields. */
export type AnswerCookies = (answer: RawHeaders) => string[];

const GROUP_COOKIE = 'AWSALBTG';
const TARGET_COOKIE = 'AWSALB';
const APP_COOKIE = 'AWSALBAPP-0';

const groupSubject = (arn: string) => `group ${arn}`;
const targetSubject = (group: TargetGroupRecord, { id, port }: TargetRecord) =>
  `target ${group.arn} ${id}:${port}`;

/**
 * The target group that the request's cookie names, if the action sticks to groups and still gives that one
 * some weight: a group at weight 0 gets nobody, whatever the cookie says.
 */
export function stickyGroup(action: Action, { seal, now, headers }: Sticking): string | undefined {
  if (!action.ForwardConfig?.TargetGroupStickinessConfig?.Enabled) return undefined;
  const cookie = cookieValue(headers, GROUP_COOKIE);
  return forwardTargets(action).find(
    ({ arn, weight }) => weight > 0 && seal.isFor(cookie, groupSubject(arn), now),
  )?.arn;
}

/** The target that the request's cookie names, if the group sticks to targets and it is among `targets`. */
export function stickyTarget(
  group: TargetGroupRecord,
  targets: readonly TargetRecord[],
  { seal, now, headers }: Sticking,
): TargetRecord | undefined {
  if (attributeText(group, 'stickiness.enabled') !== 'true') return undefined;
  const byApplication = attributeText(group, 'stickiness.type') === 'app_cookie';
  const appCookie = attributeText(group, 'stickiness.app_cookie.cookie_name');
  if (byApplication && cookieValue(headers, appCookie) === undefined) return undefined;
  const cookie = cookieValue(headers, byApplication ? APP_COOKIE : TARGET_COOKIE);
  return targets.find((target) => seal.isFor(cookie, targetSubject(group, target), now));
}

/**
 * What the answer sets: the load balancer's cookies anew with every answer, the one beside an application's
 * cookie whenever the application sets its own.
 */
export function answerCookies(
  action: Action,
  group: TargetGroupRecord,
  target: TargetRecord,
  sticking: Sticking,
): AnswerCookies {
  const { seal, now, isSecure } = sticking;
  const pair = (name: string, subject: string, seconds: number) => {
    const expiresAt = now + seconds * 1000;
    return cookiePair(name, seal.seal(subject, expiresAt), { expiresAt, isSecure });
  };
  return (answer) => {
    const cookies: string[] = [];
    const { Enabled, DurationSeconds = 0 } = action.ForwardConfig?.TargetGroupStickinessConfig ?? {};
    if (Enabled) cookies.push(...pair(GROUP_COOKIE, groupSubject(group.arn), DurationSeconds));
    if (attributeText(group, 'stickiness.enabled') !== 'true') return cookies;
    const subject = targetSubject(group, target);
    if (attributeText(group, 'stickiness.type') === 'lb_cookie') {
      cookies.push(
        ...pair(TARGET_COOKIE, subject, attributeNumber(group, 'stickiness.lb_cookie.duration_seconds')),
      );
    } else if (setsCookie(answer, attributeText(group, 'stickiness.app_cookie.cookie_name'))) {
      const seconds = attributeNumber(group, 'stickiness.app_cookie.duration_seconds');
      cookies.push(...pair(APP_COOKIE, subject, seconds).slice(0, 1));
    }
    return cookies;
  };
}
