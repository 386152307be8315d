/** The tray icon: shows whether a recording is running while the window is closed. */
import { Menu, nativeImage, Tray } from 'electron';
import type { Log } from './log.ts';
import { words } from './words.ts';

export interface TrayOptions {
  icon: string;
  show: () => void;
  quit: () => void;
  log: Log;
}

/** Size of a tray icon on a standard-density screen, pixels. */
const SIZE = 22;

export class TrayIcon {
  readonly #tray: Tray | null;
  #said = '';
  readonly #options: TrayOptions;

  /** Does nothing on a system without a tray (such as a bare Linux desktop). */
  constructor(options: TrayOptions) {
    this.#options = options;
    this.#tray = makeTray(options);
    this.tell(false);
  }

  tell(recording: boolean): void {
    const said = words[recording ? 'tray.recording' : 'tray.idle'];
    if (!this.#tray || said === this.#said) return;
    this.#said = said;
    const { show, quit } = this.#options;
    this.#tray.setToolTip(said);
    this.#tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: said, enabled: false },
        { type: 'separator' },
        { label: words['tray.show'], click: show },
        { label: words['menu.quit'], click: quit },
      ]),
    );
  }

  remove(): void {
    this.#tray?.destroy();
  }
}

function makeTray({ icon, show, log }: TrayOptions): Tray | null {
  try {
    const tray = new Tray(nativeImage.createFromPath(icon).resize({ width: SIZE, height: SIZE }));
    tray.on('click', show);
    return tray;
  } catch (error) {
    log('warn', 'no tray', { error: String(error) });
    return null;
  }
}
