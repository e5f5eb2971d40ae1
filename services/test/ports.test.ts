import { describe, expect, test } from '@jest/globals';
import { all } from '../all.ts';
import type { ServiceDescription } from '../lib/service.ts';
import { findPort } from '../ports.ts';
import { descriptions } from './descriptions.ts';

const described: readonly ServiceDescription[] = [...descriptions, all];

describe('the ports by service', () => {
  test.each(described)('have that of $name, as its settings have it', ({ name, config, portVariable }) => {
    const setting = config.properties[portVariable] as { default?: unknown } | undefined;
    expect(findPort(name)).toEqual({ variable: portVariable, default: setting?.default });
  });

  test.each([['orders'], ['constructor'], [''], [undefined]])('have none of %j, and say of which', (name) => {
    expect(() => findPort(name)).toThrow(
      `SERVICE is ${name ?? 'missing'}; write gateway, identity, order, driver, dispatch, notification, tracking, customer, email-api, email-consumer, all.`,
    );
  });
});
