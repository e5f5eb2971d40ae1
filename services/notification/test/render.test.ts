import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fieldsOf, missingFields, RenderError, render } from '../render.ts';
import { locales, templateNames, templates } from '../templates.ts';

const dataFor = (name: (typeof templateNames)[number]) =>
  Object.fromEntries(missingFields(name, {}).map((field) => [field, 'value']));

describe('every template', () => {
  test.each(templateNames)('%s names the same fields in every language, and is filled by them', (name) => {
    const fields = locales.map((locale) => {
      const { subject, text } = templates[name][locale];
      return fieldsOf(`${subject} ${text}`).sort();
    });
    for (const one of fields) expect(one).toEqual(fields[0]);
    for (const locale of locales)
      expect(JSON.stringify(render(name, locale, dataFor(name)))).not.toMatch(/[{]{2}/);
  });
});

describe('a text', () => {
  test.each([
    ['en', 'Welcome, Ada'],
    ['de', 'Willkommen, Ada'],
    ['de-AT', 'Willkommen, Ada'],
    ['fr', 'Welcome, Ada'],
    [undefined, 'Welcome, Ada'],
  ])('is in the language of %s', (locale, subject) => {
    expect(render('welcome', locale, { name: 'Ada' }).subject).toBe(subject);
  });

  test('is not made of an unknown template, nor without a field', () => {
    expect(() => render('spam', 'en', {})).toThrow(new RenderError('There is no template spam.'));
    expect(() => render('toString', 'en', {})).toThrow(RenderError);
    expect(() => render('welcome', 'en', {})).toThrow(
      new RenderError('The template welcome needs data.name.'),
    );
  });

  test('is one line of subject and has no tags but ours, whatever somebody is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const { subject, text, html } = render('welcome', 'en', { name });
        expect(`${subject}${text}`).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(html.replace(/^<p>|<\/p>$/g, '')).not.toMatch(/[<>"']/);
      }),
    );
  });

  test('does not fill in what a value only looks like', () => {
    expect(render('welcome', 'en', { name: '{{orderId}} $& $1' }).subject).toBe('Welcome, {{orderId}} $& $1');
  });
});
