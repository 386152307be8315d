/** The files of one upload: their progress, and how each was verified at the destination. */
import { type ReactNode, useEffect, useState } from 'react';
import { formatBytes } from '../../../electron/common/units.ts';
import type { UploadFile } from '../../../electron/common/uploads.ts';
import { number, t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import styles from './FileList.module.css';
import { percentOf } from './uploadStatus.ts';

const EVERY_MS = 1000;

export function FileList({ upload }: { upload: number }): ReactNode {
  const store = useStore();
  const [found, setFound] = useState<{ files: readonly UploadFile[]; total: number }>({ files: [], total: 0 });
  useEffect(() => {
    const ask = (): void => void store.client.call('uploads.files', { id: upload }).then(setFound, () => undefined);
    ask();
    const timer = window.setInterval(ask, EVERY_MS);
    return () => window.clearInterval(timer);
  }, [store, upload]);
  const more = found.total - found.files.length;
  return (
    <div className={styles.files}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('uploads.file')}</th>
            <th scope="col">{t('uploads.file.size')}</th>
            <th scope="col">{t('uploads.file.state')}</th>
          </tr>
        </thead>
        <tbody>
          {found.files.map((file) => (
            <tr key={file.path}>
              <td>{file.path}</td>
              <td className={styles.number}>{formatBytes(file.bytes)}</td>
              <td>{stateOf(file)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p>{t('uploads.file.more', { count: number(more) })}</p>}
    </div>
  );
}

function stateOf(file: UploadFile): string {
  if (file.state === 'verified') return t(`uploads.file.${file.proof ?? 'read-back'}`);
  return t(`uploads.file.${file.state}`, { percent: percentOf(file) });
}
