/** Screens for the capture window: it names a screen, and its next `getDisplayMedia` captures that one. */
import { type DesktopCapturerSource, desktopCapturer, type Session, screen, type WebContents } from 'electron';
import type { Log } from './log.ts';

export class Screens {
  readonly #log: Log;
  #wanted = '';

  constructor(log: Log) {
    this.#log = log;
  }

  /** Chromium calls a lone screen `Entire screen` and several `Screen 1`, `Screen 2`, ... */
  names(): string[] {
    const count = screen.getAllDisplays().length;
    return count === 1 ? ['Entire screen'] : Array.from({ length: count }, (_, at) => `Screen ${at + 1}`);
  }

  async choose(name: string, contents: WebContents): Promise<{ chosen: string | null; screens: string[] }> {
    this.#wanted = name;
    const screens = await this.#list();
    // `getDisplayMedia` needs a user gesture, which the technician's choice in the kit stands for. Valid for a few seconds.
    await contents.executeJavaScript('undefined', true);
    return { chosen: this.#pick(screens)?.name ?? null, screens: screens.map(({ name }) => name) };
  }

  answerRequests(session: Session, mayCapture: (url: string) => boolean): void {
    session.setDisplayMediaRequestHandler((request, answer) => {
      void (async () => {
        const allowed = request.frame !== null && mayCapture(request.frame.url);
        const given = allowed ? this.#pick(await this.#list()) : undefined;
        if (!given) this.#log('warn', 'no screen given', { allowed });
        // An empty answer means refusal; Electron throws while refusing.
        try {
          answer(given ? { video: given } : {});
        } catch {
          // Refused.
        }
      })();
    });
  }

  #pick(screens: DesktopCapturerSource[]): DesktopCapturerSource | undefined {
    return screens.find(({ name }) => name === this.#wanted) ?? screens[0];
  }

  async #list(): Promise<DesktopCapturerSource[]> {
    return desktopCapturer.getSources({ types: ['screen'], thumbnailSize: { width: 0, height: 0 } }).catch(() => []);
  }
}
