/**
 * Renders the subset of Markdown that the guide uses: headings, paragraphs, lists, tables, bold, code and links between
 * its pages.
 */
import { Fragment, type ReactNode } from 'react';

/** @param linkTo the address of a page of the guide; null: it is not in the app, and only its text is shown */
export function Markdown({ text, linkTo }: { text: string; linkTo: (file: string) => string | null }): ReactNode {
  return blocksOf(text).map((lines, i) => {
    const key = `${i} ${lines[0]}`;
    return <Block key={key} lines={lines} linkTo={linkTo} />;
  });
}

type LinkTo = (file: string) => string | null;

const blocksOf = (text: string): string[][] =>
  text
    .split(/\n{2,}/)
    .map((block) => block.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0);

function Block({ lines, linkTo }: { lines: readonly string[]; linkTo: LinkTo }): ReactNode {
  const [first = ''] = lines;
  const heading = /^(#{1,3}) (.*)$/.exec(first);
  if (heading) {
    const level = (heading[1] ?? '').length;
    const words = inline(heading[2] ?? '', linkTo);
    const rest = lines.slice(1);
    return (
      <>
        {level === 1 ? <h2>{words}</h2> : <h3>{words}</h3>}
        {rest.length > 0 && <Block lines={rest} linkTo={linkTo} />}
      </>
    );
  }
  if (first.startsWith('|')) return <Table lines={lines} linkTo={linkTo} />;
  const items = itemsOf(lines);
  if (items) {
    const list = items.map((item) => <li key={item}>{inline(item, linkTo)}</li>);
    return /^\d/.test(first) ? <ol>{list}</ol> : <ul>{list}</ul>;
  }
  return <p>{inline(lines.join(' '), linkTo)}</p>;
}

/** A line that does not begin an item continues the previous one. */
function itemsOf(lines: readonly string[]): string[] | null {
  const begins = /^(?:- |\d+\. )/;
  if (!begins.test(lines[0] ?? '')) return null;
  const items: string[] = [];
  for (const line of lines) {
    if (begins.test(line)) items.push(line.replace(begins, ''));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return items;
}

function Table({ lines, linkTo }: { lines: readonly string[]; linkTo: LinkTo }): ReactNode {
  const cells = (line: string): string[] =>
    line
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  const [head = '', , ...rows] = lines;
  return (
    <table>
      <thead>
        <tr>
          {cells(head).map((cell) => (
            <th key={cell} scope="col">
              {inline(cell, linkTo)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            {cells(row).map((cell, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two cells of a row may be equal, and none moves
              <td key={i}>{inline(cell, linkTo)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const PARTS = /(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([^)]+\))/;

function inline(text: string, linkTo: LinkTo): ReactNode {
  return text.split(PARTS).map((part, i) => {
    const key = `${i} ${part}`;
    const link = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part);
    if (link) {
      const address = linkTo(link[2] ?? '');
      return address === null ? (
        <Fragment key={key}>{link[1]}</Fragment>
      ) : (
        <a key={key} href={address}>
          {link[1]}
        </a>
      );
    }
    if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>;
    if (part.startsWith('`')) return <code key={key}>{part.slice(1, -1)}</code>;
    return <Fragment key={key}>{part}</Fragment>;
  });
}
