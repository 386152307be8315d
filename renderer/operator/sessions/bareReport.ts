/** A report's page reduced to its visible content: no scripts, links or requests, and styles that are set by code. */

export interface BareReport {
  nodes: Node[];
  /** Contents of its style element. */
  style: string;
  /** Elements with a style attribute, and its value. */
  styled: [HTMLElement | SVGElement, string][];
}

/** Everything that runs, loads, sends or leaves the page. */
const REFUSED =
  'script, iframe, frame, object, embed, link, meta, base, form, input, button, img, image, audio, video, source, use, foreignObject, animate, set, style';
const ALLOWED_ADDRESS = /^#/;

/** @param parser creates a document that loads nothing */
export function bareReport(html: string, parser: DOMParser): BareReport {
  const style = [...html.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/gi)].map(([, css]) => css ?? '').join('\n');
  // The content security policy rejects a style attribute as soon as it is parsed, so it is renamed first.
  const renamed = html.replaceAll(/<style[\s\S]*?<\/style>/gi, '').replaceAll(/\sstyle\s*=/gi, ' data-css=');
  const { body } = parser.parseFromString(renamed, 'text/html');
  for (const element of body.querySelectorAll(REFUSED)) element.remove();
  const styled: BareReport['styled'] = [];
  for (const element of body.querySelectorAll<HTMLElement | SVGElement>('*')) {
    for (const { name, value } of [...element.attributes]) {
      const address = /^(?:href|src|xlink:href|action|formaction|data|poster|srcset|ping)$/i.test(name);
      if (/^on/i.test(name) || (address && !ALLOWED_ADDRESS.test(value.trim()))) element.removeAttribute(name);
    }
    const css = element.getAttribute('data-css');
    element.removeAttribute('data-css');
    if (css !== null && !/url\s*\(|@import/i.test(css)) styled.push([element, css]);
  }
  return { nodes: [...body.childNodes], style: /url\s*\(|@import/i.test(style) ? '' : style, styled };
}
