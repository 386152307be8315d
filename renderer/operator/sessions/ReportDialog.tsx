/**
 * A session's timing report inside the window. The page may come from an untrusted folder, so it is shown in its own
 * shadow tree, without scripts, links or requests; the window's content security policy also forbids them.
 */
import { Button, Loader } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { reportOf } from '../../../electron/common/errors.ts';
import { type SessionEntry, titleOf } from '../../../electron/common/review.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { errorText, t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import { bareReport } from './bareReport.ts';
import styles from './ReportDialog.module.css';

interface ReportDialogProps {
  entry: SessionEntry;
  /** Opens the file in the browser, for printing and saving. */
  onBrowser: () => void;
  onDone: () => void;
}

export function ReportDialog({ entry, onBrowser, onDone }: ReportDialogProps): ReactNode {
  const store = useStore();
  const page = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState<string | null>(null);
  const [ready, setReady] = useState(false);
  const { key } = entry;
  useEffect(() => {
    let wanted = true;
    store.client
      .call('sessions.report', { key })
      .then(({ html }) => {
        if (!wanted || !page.current) return;
        show(page.current, html);
        setReady(true);
      })
      .catch((error: unknown) => wanted && setSaid(errorText(reportOf(error)).message));
    return () => {
      wanted = false;
    };
  }, [store, key]);
  return (
    <Dialog
      title={t('report.title', { name: titleOf(entry) })}
      closeName={t('dialog.close')}
      onClose={onDone}
      size="xl"
    >
      {said !== null && <p role="alert">{said}</p>}
      {!ready && said === null && <Loader aria-label={t('report.opening')} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard must be able to do */}
      <div ref={page} className={styles.page} role="document" aria-label={t('sessions.report')} tabIndex={0} />
      <div className={styles.buttons}>
        <Button variant="default" onClick={onBrowser}>
          {t('report.browser')}
        </Button>
        <Button onClick={onDone} data-autofocus>
          {t('free.close')}
        </Button>
      </div>
    </Dialog>
  );
}

function show(host: HTMLElement, html: string): void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const { nodes, style, styled } = bareReport(html, new DOMParser());
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style.replaceAll(/:root|(?<![\w-])body(?![\w-])/g, ':host'));
  root.adoptedStyleSheets = [sheet];
  root.replaceChildren(...nodes);
  for (const [element, css] of styled) element.style.cssText = css;
}
