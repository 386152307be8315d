/** Dialogs of the Uploads page that choose a destination folder or a certificate file. */
import { type BrowserWindow, dialog } from 'electron';
import { words } from './words.ts';

/** Null: cancelled. */
export async function choosePath(
  window: BrowserWindow | null,
  what: 'folder' | 'certificate',
): Promise<{ path: string } | null> {
  const options =
    what === 'folder'
      ? {
          title: words['dialog.uploadFolder.title'],
          properties: ['openDirectory' as const, 'createDirectory' as const],
        }
      : {
          title: words['dialog.certificate.title'],
          filters: [{ name: words['dialog.certificate.filter'], extensions: ['pem', 'crt', 'cer'] }],
          properties: ['openFile' as const],
        };
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  const [path] = filePaths;
  return canceled || path === undefined ? null : { path };
}
