import type { Ecs } from './ecs.ts';
import type { ScriptedAlarms } from './runtime/scripted-alarms.ts';
import type { ScriptedHooks } from './runtime/scripted-hooks.ts';
import type { ScriptedTargetGroups } from './runtime/scripted-target-groups.ts';
import type { ScriptedTrafficRules } from './runtime/scripted-traffic-rules.ts';

const FORMAT = 'virtual-ecs/1';

/** What a virtual ECS consists of, as far as it goes on from a saved state. */
export interface VirtualParts {
  ecs: Pick<Ecs, 'save' | 'load'>;
  targetGroups: Pick<ScriptedTargetGroups, 'save' | 'load'>;
  alarms: Pick<ScriptedAlarms, 'save' | 'load'>;
  trafficRules: Pick<ScriptedTrafficRules, 'save' | 'load'>;
  hooks: Pick<ScriptedHooks, 'save' | 'load'>;
}

/** All parts as one JSON text, and back. `load` throws for any other text, and where `Ecs.load` does. */
export function savingOf(parts: VirtualParts): { save(): string; load(saved: string): void } {
  const { ecs, targetGroups, alarms, trafficRules, hooks } = parts;
  return {
    save() {
      // First of all: it brings everything to the present moment.
      const state = ecs.save();
      return JSON.stringify({
        format: FORMAT,
        ecs: state,
        targetGroups: targetGroups.save(),
        alarms: alarms.save(),
        trafficRules: trafficRules.save(),
        hooks: hooks.save(),
      });
    },
    load(text) {
      const saved = JSON.parse(text);
      if (saved?.format !== FORMAT) {
        throw new Error(`This is no saved virtual ECS; expected JSON with "format": "${FORMAT}".`);
      }
      targetGroups.load(saved.targetGroups);
      alarms.load(saved.alarms);
      trafficRules.load(saved.trafficRules);
      hooks.load(saved.hooks);
      ecs.load(saved.ecs);
    },
  };
}
