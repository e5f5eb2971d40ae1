import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { followProgress } from '../docker-progress.ts';

const pulling = '{"status":"Pulling from web"}\r\n';
const failed = '{"errorDetail":{"message":"write /x: no space left on device"},"error":"no space"}\r\n';
const follow = (...chunks: string[]) =>
  followProgress(Readable.from(chunks.map((text) => Buffer.from(text))));

describe('the progress of a pull', () => {
  test('comes to its end when the engine tells of no failure', async () => {
    await expect(follow(pulling, '\r\n', pulling)).resolves.toBeUndefined();
  });

  test('fails in the words of the engine, which has answered 200 before', async () => {
    await expect(follow(pulling, failed)).rejects.toThrow('write /x: no space left on device');
  });

  test('is read across the borders of its chunks, and to a last line without an end', async () => {
    const text = `${pulling}${failed.trim().replace('x:', 'ü:')}`;
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
    await expect(followProgress(Readable.from(bytes))).rejects.toThrow('write /ü: no space left on device');
  });

  test('fails when its connection breaks', async () => {
    const broken = new Readable({ read() {} });
    const told = followProgress(broken);
    broken.destroy(new Error('socket hang up'));
    await expect(told).rejects.toThrow('socket hang up');
  });
});
