import type { Change } from '../../../services/standalone/bad-versions.ts';
import type { Files } from '../caller.ts';
import type { Narrator, Row } from '../chapter.ts';
import { describeServing } from '../serving.ts';
import { wavesOf } from './catalogue.ts';
import type { Release, Shipment } from './fleet.ts';
import { goldenJourney, type Journey, type JourneyGround } from './golden-journey.ts';
import { type JourneyCounts, startJourneys } from './journeys.ts';
import { shipOneProcess } from './one-process.ts';
import type { Platform } from './platform.ts';

/** What the story came to. */
export interface PlatformEnding {
  readonly rows: Row[];
  readonly journeys: JourneyCounts;
  readonly firstJourneyMs: number;
  readonly largest: { readonly name: string; readonly bytes: number };
}

/** Tells the whole story; every chapter adds its rows. Throws only if a chapter cannot be told. */
export async function tellPlatformStory(
  platform: Platform,
  sources: { files: Files; bad: readonly Change[] },
  narrator: Narrator,
  signal: AbortSignal,
): Promise<PlatformEnding> {
  const teller = new Teller(platform, narrator);
  const first = await teller.firstImages(sources.files);
  signal.throwIfAborted();
  await teller.shipAll({ ...first, version: 'second' });
  signal.throwIfAborted();
  const firstJourneyMs = await teller.journey();
  const journeys = startJourneys(teller.gate);
  try {
    for (const [index, bad] of sources.bad.entries()) {
      signal.throwIfAborted();
      await teller.badOrder(bad, index, sources.files, journeys.counts);
    }
  } finally {
    await journeys.stop();
  }
  signal.throwIfAborted();
  await teller.oneProcess(sources.files);
  const sizes = [...platform.sizes].toSorted(([, a], [, b]) => b - a);
  const [name = '', bytes = 0] = sizes[0] ?? [];
  return { rows: teller.rows, journeys: journeys.counts, firstJourneyMs, largest: { name, bytes } };
}

class Teller {
  readonly rows: Row[] = [];
  readonly gate: JourneyGround;
  readonly #platform: Platform;
  readonly #narrator: Narrator;

  constructor(platform: Platform, narrator: Narrator) {
    this.#platform = platform;
    this.#narrator = narrator;
    this.gate = { base: platform.fleet.url('gateway'), manager: platform.ground.firstManager };
  }

  /** (b) Ten images by one Dockerfile, and the services created on their digests. */
  async firstImages(files: Files): Promise<Release> {
    const { fleet, sizes } = this.#platform;
    this.#narrator.chapter('b  First images, and the services created on their digests');
    const { value, seconds } = await this.#narrator.timed(async () => {
      const release = await this.#platform.build(files, 'first');
      await fleet.create(release);
      return release;
    });
    for (const [name, bytes] of sizes)
      this.#narrator.tell(`${name.padEnd(22)} ${(bytes / 1e6).toFixed(1)} MB above the base`);
    await this.#row({ step: 'first images', expected: 'running', verdict: 'running', seconds }, 'gateway');
    return value;
  }

  /** (c) All ten travel: wave by wave, migrated, deployed, followed, asked. */
  async shipAll(release: Release): Promise<void> {
    const { fleet } = this.#platform;
    this.#narrator.chapter('c  berth ship: all ten, each after those it needs');
    for (const [index, wave] of wavesOf(fleet.services).entries())
      this.#narrator.tell(`wave ${index + 1}: ${wave.map(({ name }) => name).join(', ')}`);
    const { value: shipped, seconds } = await this.#ship(release);
    const succeeded = shipped.verdicts.filter(({ verdict }) => verdict === 'succeeded').length;
    const verdict = shipped.exitCode === 0 ? `${succeeded} succeeded` : `exit ${shipped.exitCode}`;
    const expected = `${fleet.services.length} succeeded`;
    await this.#row({ step: 'ten services shipped', expected, verdict, seconds }, 'gateway');
  }

  /** (d) One delivery, from a new customer to the word that it has arrived. */
  async journey(): Promise<number> {
    this.#narrator.chapter('d  A delivery: register, log in, order, dispatch, pick up, deliver, notified');
    const journey = await goldenJourney(this.gate);
    this.#tellJourney(journey, 'the gateway');
    const { heard, durationMs } = journey;
    const row = { step: 'a delivery', expected: 'delivered', verdict: heard.at(-1) ?? 'nothing heard' };
    await this.#row({ ...row, seconds: durationMs / 1_000 }, 'gateway');
    return durationMs;
  }

  /** (e) A bad order is caught and carried back, while deliveries go on. */
  async badOrder(bad: Change, index: number, files: Files, counts: JourneyCounts): Promise<void> {
    this.#narrator.chapter(`e${index + 1} A bad order, it ${bad.name}: “${bad.commit}”`);
    const before = { ...counts };
    const release = await this.#platform.build(bad.apply(files), `bad-${index + 1}`, ['order']);
    const { value: shipped, seconds } = await this.#ship(release);
    this.#narrator.tell(
      `deliveries meanwhile: ${counts.made - before.made}, ${counts.requests - before.requests} requests, ${counts.failed - before.failed} failed`,
    );
    const row = { step: `a bad order: ${bad.name}`, expected: 'carried back', verdict: verdictOf(shipped) };
    await this.#row({ ...row, seconds }, 'order');
  }

  /** (f) The layout of a small installation: one process, one service, behind HTTPS. */
  async oneProcess(files: Files): Promise<void> {
    this.#narrator.chapter('f  The same services as one process, for a small installation');
    const { value, seconds } = await this.#narrator.timed(() => shipOneProcess(this.#platform, files));
    const { shipped, journey } = value;
    this.#tellLog(shipped);
    this.#tellJourney(journey, 'the load balancer, by HTTPS,');
    const verdict = shipped.exitCode === 0 ? 'succeeded' : `exit ${shipped.exitCode}`;
    await this.#row({ step: 'one process', expected: 'succeeded', verdict, seconds }, 'all');
  }

  #tellJourney({ heard, told, requests, durationMs }: Journey, way: string): void {
    this.#narrator.tell(`the customer's socket heard: ${heard.join(', ')}`);
    this.#narrator.tell(`the customer was told: ${told.toReversed().join(', ')}`);
    this.#narrator.tell(`${requests} requests through ${way} in ${(durationMs / 1_000).toFixed(1)} s`);
  }

  #tellLog({ log }: Shipment): void {
    for (const line of log.trimEnd().split('\n')) this.#narrator.tell(`│ ${line}`);
  }

  async #ship(release: Release): Promise<{ value: Shipment; seconds: number }> {
    const timed = await this.#narrator.timed(() => this.#platform.fleet.ship(release));
    this.#tellLog(timed.value);
    return timed;
  }

  async #row(row: Omit<Row, 'served'>, service: string): Promise<void> {
    const { clients, cluster } = this.#platform.ground;
    const served = await describeServing(clients, cluster, service);
    this.rows.push({ ...row, served });
    this.#narrator.tell(`${row.verdict === row.expected ? '✓' : '✗'} ${row.verdict}; ${served} serves`);
  }
}

/** By ECS's breaker, or by the pack after the smoke test: both end where it began. */
function verdictOf({ exitCode, verdicts, rollback }: Shipment): string {
  if (exitCode === 0) return 'not caught';
  const isBackByEcs = verdicts.some(({ verdict }) => verdict === 'rolled-back');
  const isBackByPack = rollback.length > 0 && rollback.every(({ verdict }) => verdict === 'succeeded');
  return isBackByEcs || isBackByPack ? 'carried back' : 'caught, not carried back';
}
