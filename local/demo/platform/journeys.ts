import { goldenJourney, type Journey, type JourneyGround } from './golden-journey.ts';

/** What the journeys so far came to. */
export interface JourneyCounts {
  made: number;
  requests: number;
  /** Requests without an answer, or with one that no traveller should get. */
  failed: number;
  /** How long each took, in milliseconds. */
  durations: number[];
  /** The first few failures with their time, for the reader of a red run. */
  notes: string[];
}

const mostNotes = 8;

/** Makes one golden journey after the other until stopped; none is cut short. */
export function startJourneys(ground: JourneyGround): {
  counts: JourneyCounts;
  stop(): Promise<JourneyCounts>;
} {
  const counts: JourneyCounts = { made: 0, requests: 0, failed: 0, durations: [], notes: [] };
  let isRunning = true;
  const travel = async (): Promise<Journey | undefined> => {
    try {
      return await goldenJourney(ground, () => {
        counts.requests += 1;
      });
    } catch (error) {
      counts.failed += 1;
      if (counts.notes.length < mostNotes)
        counts.notes.push(`${new Date().toISOString().slice(11, 23)}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const loop = (async () => {
    while (isRunning) {
      const journey = await travel();
      if (!journey) continue;
      counts.made += 1;
      counts.durations.push(journey.durationMs);
    }
  })();
  return {
    counts,
    async stop() {
      isRunning = false;
      await loop;
      return counts;
    },
  };
}
