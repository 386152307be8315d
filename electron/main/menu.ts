/** The menu: items for keyboard shortcuts, and none that could end a recording by mistake. Reload is for developers only. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import { words } from './words.ts';

export function setMenu(): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ];
  if (!app.isPackaged) view.push({ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      { label: 'Fieldroom', submenu: [{ role: 'quit', label: words['menu.quit'] }] },
      { role: 'editMenu' },
      { label: words['menu.view'], submenu: view },
    ]),
  );
}
