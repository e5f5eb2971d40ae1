import { describe, expect, test } from '@jest/globals';
import { PoisonMessageError } from '../../lib/message-work.ts';
import { parseMail } from '../mail.ts';
import { mailKey } from '../mail-store.ts';

const mail = { email_subject: 's', email_sender: 'John doe', email_timestream: '1', email_content: 'c' };

describe('reading a message', () => {
  test('takes a mail, and fields it does not know', () => {
    expect(parseMail(JSON.stringify({ ...mail, added_later: true }))).toMatchObject(mail);
  });

  test.each([
    ['no JSON', 'secret {'],
    ['no object', '"secret"'],
    ['an empty body', ''],
    ['no sender', JSON.stringify({ ...mail, email_sender: undefined, note: 'secret' })],
    ['a sender that is a number', JSON.stringify({ ...mail, email_sender: 5, note: 'secret' })],
  ])('calls %s poison and does not quote it', (_case, body) => {
    expect(() => parseMail(body)).toThrow(PoisonMessageError);
    expect(() => parseMail(body)).not.toThrow(/secret/);
  });
});

describe('the key of a mail', () => {
  test.each([
    [1_693_561_101_042, 'emails/2023/09/01/email-1693561101042-b77868f401668b84.json'],
    [Date.UTC(2026, 11, 31, 23, 59, 59, 999), 'emails/2026/12/31/email-1798761599999-b77868f401668b84.json'],
    [Date.UTC(2027, 0, 1), 'emails/2027/01/01/email-1798761600000-b77868f401668b84.json'],
  ])('of %i has its UTC date, its milliseconds and the hash of the sender', (timestampMs, key) => {
    expect(mailKey(timestampMs, 'John doe')).toBe(key);
  });
});
