/** Electron's security checklist in code, applied to the session and every web contents before any page loads. */
import { app, type Session, type WebContents } from 'electron';
import type { WindowName } from '../common/ipc.ts';
import type { Bluetooth } from './bluetooth.ts';
import type { Log } from './log.ts';
import { isOwnPage, mayRequest, maySee } from './rules.ts';

export interface SecurityOptions {
  /** The window that a web contents belongs to. */
  windowOf(contents: WebContents): WindowName | null;
  devServer: string | undefined;
  log: Log;
}

export function secureSession(session: Session, { windowOf, devServer, log }: SecurityOptions): void {
  session.setPermissionRequestHandler((contents, permission, answer, details) => {
    const granted = maySee(permission, {
      window: windowOf(contents),
      url: details.requestingUrl,
      mainFrame: details.isMainFrame,
    });
    if (!granted) log('warn', 'permission denied', { permission, url: details.requestingUrl });
    answer(granted);
  });
  session.setPermissionCheckHandler((contents, permission, origin) =>
    contents === null ? false : maySee(permission, { window: windowOf(contents), url: origin, mainFrame: true }),
  );
  session.setDevicePermissionHandler(() => false);
  session.setUSBProtectedClassesHandler(({ protectedClasses }) => protectedClasses);
  // The spell checker would download dictionaries from the internet.
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest((request, answer) => {
    const cancel = !mayRequest(request.url, devServer);
    if (cancel) log('warn', 'request denied', { url: request.url.slice(0, 200) });
    answer({ cancel });
  });
  session.on('will-download', (event) => event.preventDefault());
  // Only the device host opens devices, never a page.
  session.on('select-hid-device', (event, _details, choose) => {
    event.preventDefault();
    choose(null);
  });
  session.on('select-serial-port', (event, _ports, _contents, choose) => {
    event.preventDefault();
    choose('');
  });
  session.on('select-usb-device', (event, _details, choose) => {
    event.preventDefault();
    choose();
  });
}

/** Applies to every web contents: no other page, no new window, no webview, no device chooser. */
export function secureContents(log: Log, bluetooth: Bluetooth): void {
  app.on('web-contents-created', (_, contents) => {
    const deny = (what: string) => (event: { preventDefault(): void; url?: string }) => {
      event.preventDefault();
      log('warn', what, { url: event.url?.slice(0, 200) });
    };
    contents.setWindowOpenHandler(({ url }) => {
      log('warn', 'window.open denied', { url: url.slice(0, 200) });
      return { action: 'deny' };
    });
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url) || event.url !== contents.getURL()) deny('navigation denied')(event);
    });
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) deny('frame denied')(event);
    });
    contents.on('will-redirect', deny('redirect denied'));
    contents.on('will-attach-webview', deny('webview denied'));
    // Only the capture window's own search for heart straps gets a device.
    contents.on('select-bluetooth-device', (event, devices, choose) => {
      event.preventDefault();
      bluetooth.listed(contents, devices, choose);
    });
  });
}
