import { optionalText, text } from '../../core/src/github/inputs.ts';

export const inputs = {
  manifest: text('berth.yaml'),
  services: text('changed'),
  base: optionalText(),
  head: text('HEAD'),
};

export const outputs = ['services', 'matrix', 'any'] as const;
