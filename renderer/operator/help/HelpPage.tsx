/** The user guide, offline: the same pages as `docs/guide`, bundled with the app. */
import type { ReactNode } from 'react';
import dataManager from '../../../docs/guide/data-manager.md?raw';
import researcher from '../../../docs/guide/researcher.md?raw';
import hardware from '../../../docs/guide/supported-hardware.md?raw';
import technician from '../../../docs/guide/technician.md?raw';
import { t, type WordKey } from '../../components/words.ts';
import type { PageProps } from '../frame/pageProps.ts';
import { addressOf } from '../frame/route.ts';
import styles from './HelpPage.module.css';
import { Markdown } from './markdown.tsx';

interface GuidePage {
  /** Used in the address and as the file's name. */
  id: string;
  title: WordKey;
  text: string;
}

const PAGES: readonly [GuidePage, ...GuidePage[]] = [
  { id: 'technician', title: 'help.technician', text: technician },
  { id: 'researcher', title: 'help.researcher', text: researcher },
  { id: 'data-manager', title: 'help.dataManager', text: dataManager },
  { id: 'supported-hardware', title: 'help.hardware', text: hardware },
];

export function HelpPage({ rest }: PageProps): ReactNode {
  const shown = PAGES.find(({ id }) => id === rest[0]) ?? PAGES[0];
  const linkTo = (file: string): string | null => {
    const page = PAGES.find(({ id }) => file === `${id}.md`);
    return page ? addressOf('help', page.id) : null;
  };
  return (
    <main className={styles.page}>
      <h1>{t('page.help')}</h1>
      <nav className={styles.pages} aria-label={t('help.pages')}>
        {PAGES.map(({ id, title }) => (
          <a key={id} href={addressOf('help', id)} aria-current={id === shown.id ? 'page' : undefined}>
            {t(title)}
          </a>
        ))}
      </nav>
      <article className={styles.text}>
        <Markdown text={shown.text} linkTo={linkTo} />
      </article>
    </main>
  );
}
