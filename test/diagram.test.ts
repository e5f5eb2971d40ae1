import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Diagram, renderDrawio } from '../scripts/diagram.ts';
import { drawPlatform, parsePlatform } from '../scripts/platform-diagrams.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/platform.md'), 'utf8');
const small: Diagram = {
  title: 'small',
  lanes: [{ title: 'One & only', boxes: ['a "b"', 'c < d'] }],
  arrows: [['a "b"', 'c < d', 'says']],
};

/** Every element of an XML text by its name and attributes; throws where tags do not close each other in order. */
function readElements(text: string): { name: string; attributes: Map<string, string> }[] {
  const open: string[] = [];
  const elements = [...text.matchAll(/<(\/?)(\w+)((?: \w+="[^"<>]*")*)(\/?)>/g)].flatMap(
    ([, closes, name = '', attributes = '', isEmpty]) => {
      if (closes) {
        if (open.pop() !== name) throw new Error(`</${name}> closes another element.`);
        return [];
      }
      if (!isEmpty) open.push(name);
      const pairs = [...attributes.matchAll(/(\w+)="([^"]*)"/g)];
      return [{ name, attributes: new Map(pairs.map(([, key = '', value = '']) => [key, value])) }];
    },
  );
  if (open.length > 0) throw new Error(`<${open.join('> and <')}> stay open.`);
  // What is left between the tags is white space: no sign was taken for text that should have been a tag.
  expect(text.replace(/<\/?\w+(?: \w+="[^"<>]*")*\/?>/g, '').trim()).toBe('');
  return elements;
}

describe('a diagram', () => {
  test('is a file of Draw.io: two root cells, a cell for each lane, box and arrow', () => {
    const elements = readElements(renderDrawio(small));
    expect(elements.slice(0, 4).map(({ name }) => name)).toEqual([
      'mxfile',
      'diagram',
      'mxGraphModel',
      'root',
    ]);
    const cells = elements.filter(({ name }) => name === 'mxCell').map(({ attributes }) => attributes);
    expect(cells.map((cell) => [cell.get('id'), cell.get('parent'), cell.get('value')])).toEqual([
      ['0', undefined, undefined],
      ['1', '0', undefined],
      ['lane-1', '1', 'One &amp; only'],
      ['box-1', 'lane-1', 'a &quot;b&quot;'],
      ['box-2', 'lane-1', 'c &lt; d'],
      ['arrow-1', '1', 'says'],
    ]);
    expect([cells[5]?.get('source'), cells[5]?.get('target')]).toEqual(['box-1', 'box-2']);
  });

  test.each<[string, Partial<Diagram>, string]>([
    [
      'an arrow to nowhere',
      { arrows: [['c < d', 'e']] },
      'small has an arrow from or to "e", which is no box.',
    ],
    [
      'two boxes of one text',
      { lanes: [{ title: 'x', boxes: ['a', 'a'] }] },
      'small has two boxes of one text.',
    ],
  ])('is refused with %s', (_what, changes, sentence) => {
    expect(() => renderDrawio({ ...small, ...changes })).toThrow(sentence);
  });
});

describe('the diagrams of the platform', () => {
  const services = parsePlatform(PAGE);
  const diagrams = drawPlatform(services);

  test.each(Object.keys(diagrams))('%s is one, and named in the page', (name) => {
    const diagram = diagrams[name];
    if (diagram) expect(readElements(renderDrawio(diagram)).length).toBeGreaterThan(20);
    expect(PAGE).toContain(`diagrams/${name}.drawio`);
  });

  test.each(['full-architecture', 'ecs-cluster-overview'])('%s shows every service with its port', (name) => {
    const texts = diagrams[name]?.lanes.flatMap(({ boxes }) => boxes);
    expect(texts).toEqual(
      expect.arrayContaining(services.map((service) => `${service.name} :${service.port}`)),
    );
    expect(services).toHaveLength(10);
  });
});
