/** The kits on this laptop: open, duplicate, import, export, remove. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { CallOutput } from '../../../electron/common/door.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { counted, errorLine, t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import styles from './KitStorePanel.module.css';
import type { KitEdit } from './useKit.ts';

type QueuedFrame = CallOutput<'kits.list'>[number];

interface KitStorePanelProps {
  onClose: () => void;
  edit: KitEdit;
  actions: Actions;
}

export function KitStorePanel({ onClose, edit, actions }: KitStorePanelProps): ReactNode {
  const [kits, setKits] = useState<readonly QueuedFrame[]>([]);
  const { call } = actions;
  const { kit, path } = edit;
  // The list is fetched again whenever another kit is opened.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `path` says when
  useEffect(() => {
    void call('kits.list', {}).then((list) => list && setKits(list));
  }, [path, call]);
  const after = (work: Promise<unknown>): void => void work.then((done) => done !== null && onClose());
  return (
    <Dialog onClose={onClose} title={t('kits.title')} size="lg" closeName={t('kits.close')}>
      <ul className={styles.kits}>
        {kits.map((one) => (
          <li key={one.path} data-used={one.path === path || undefined}>
            <span className={styles.name}>
              <strong>{one.name}</strong>
              <span>{one.trouble ? errorLine(one.trouble) : counted('kits.sources', one.sources)}</span>
            </span>
            {one.path === path ? (
              <span className={styles.used}>{t('kits.inUse')}</span>
            ) : (
              <>
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={one.trouble !== null}
                  aria-label={t('kits.open.name', { name: one.name })}
                  onClick={() => after(call('kit.open', { path: one.path }))}
                >
                  {t('kits.open')}
                </Button>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  aria-label={t('kits.remove.name', { name: one.name })}
                  onClick={() =>
                    void call('kit.delete', { path: one.path }).then(
                      (done) => done && setKits((list) => list.filter((other) => other !== one)),
                    )
                  }
                >
                  {t('kits.remove')}
                </Button>
              </>
            )}
          </li>
        ))}
        {kits.length === 0 && <li>{t('kits.none')}</li>}
      </ul>
      <div className={styles.doing}>
        {kit && (
          <Button
            variant="default"
            onClick={() =>
              after(call('kit.save', { kit: { ...kit, name: t('kits.copyOf', { name: kit.name }) }, path: null }))
            }
          >
            {t('kits.duplicate')}
          </Button>
        )}
        <Button variant="default" onClick={() => after(actions.importKit())}>
          {t('kits.import')}
        </Button>
        {kit && (
          <Button variant="default" onClick={() => after(actions.exportKit(kit))}>
            {t('kits.export')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
