import { expect, it } from 'vitest';
import { bareReport } from './bareReport.ts';

it('is given to the parser without styles, which the content security policy forbids', () => {
  let parsed = '';
  const body = { querySelectorAll: () => [], childNodes: [] };
  const parser = {
    parseFromString: (html: string) => {
      parsed = html;
      return { body };
    },
  } as unknown as DOMParser;
  const { style } = bareReport(
    '<head><style>h1 { color: teal }</style></head><body><p STYLE="color: red" >a</p></body>',
    parser,
  );
  expect(style).toBe('h1 { color: teal }');
  expect(parsed).not.toMatch(/<style|\sstyle=/i);
});
