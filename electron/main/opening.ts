/** Opens what a double click or a link requests: a kit is copied and loaded, a session is shown in Review. */
import { basename } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';
import { fieldroomError, reportOf } from '../common/errors.ts';
import { isMediaSource, type Kit } from '../common/kit.ts';
import { type ApplianceMonitor, doorClient, WORK_WITHIN_MS } from './applianceMonitor.ts';
import type { EngineSupervisor } from './engineSupervisor.ts';
import { readKit } from './kits.ts';
import type { Log } from './log.ts';
import { type OpenRequest, shortText } from './openRequest.ts';
import type { SessionFolders } from './sessionFolders.ts';
import type { Windows } from './windows.ts';
import { words } from './words.ts';

export interface OpeningParts {
  windows: Windows;
  engine: EngineSupervisor;
  watch: ApplianceMonitor;
  folders: SessionFolders;
  /** Resolves when the recorder's door is open, or could not be opened. */
  ready: Promise<void>;
  log: Log;
}

const LISTED_SOURCES = 12;

export class Opening {
  readonly #parts: OpeningParts;
  /** One dialog at a time. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /** Never rejects: errors are shown in a dialog. */
  open(request: OpenRequest): Promise<void> {
    this.#last = this.#last.then(() => this.#open(request));
    return this.#last;
  }

  async #open(request: OpenRequest): Promise<void> {
    const { windows, log, ready } = this.#parts;
    log('info', 'open requested', { kind: request.kind });
    windows.showOperator();
    try {
      await ready;
      if (request.kind === 'kit') await this.#kit(request.path);
      else if (request.kind === 'session') await this.#session(request.folder);
      else if (request.kind === 'link') await this.#link(request.session);
      else throw fieldroomError('app.unknown-link');
    } catch (error) {
      const { code, message, nextStep } = reportOf(error);
      log('warn', 'not opened', { code });
      await show(windows.operator, {
        type: 'warning',
        message,
        detail: nextStep ?? '',
        buttons: [words['dialog.close']],
      });
    }
  }

  async #kit(path: string): Promise<void> {
    const { watch, windows } = this.#parts;
    const { kit } = await readKit(path);
    if (watch.recording) throw fieldroomError('app.kit-while-recording', { name: shortText(kit.name) });
    const yes = await show(windows.operator, {
      type: 'question',
      message: `${words['dialog.openKit.message']}\n${shortText(kit.name)}`,
      detail: [basename(path), ...sourcesOf(kit), '', words['dialog.openKit.detail']].join('\n'),
      buttons: [words['dialog.openKit.use'], words['dialog.cancel']],
    });
    if (!yes) return;
    // A copy, so that the file on the stick or in the downloads is not changed.
    await this.#door().call('kit.save', { kit, path: null });
    windows.showPage('setup');
  }

  async #session(folder: string): Promise<void> {
    const { folders, windows } = this.#parts;
    const { real, outside } = folders.look(folder);
    if (outside) {
      const yes = await show(windows.operator, {
        type: 'question',
        message: words['dialog.openSession.message'],
        detail: `${real}\n\n${words['dialog.openSession.detail']}`,
        buttons: [words['dialog.openSession.open'], words['dialog.cancel']],
      });
      if (!yes) return;
      folders.allow(real);
    }
    const { key } = await this.#door().call('sessions.open', { folder: real });
    windows.showPage('sessions', key);
  }

  async #link(session: { study: string; id: string } | null): Promise<void> {
    if (session === null) return this.#parts.windows.showPage('sessions');
    const { sessions } = await this.#door().call('sessions.list', {});
    const found = sessions.find(({ study, id }) => study === session.study && id === session.id);
    if (!found) throw fieldroomError('app.no-such-session', { ...session });
    this.#parts.windows.showPage('sessions', found.key);
  }

  #door(): ReturnType<typeof doorClient> {
    const { ready } = this.#parts.engine;
    if (!ready) throw fieldroomError('app.recorder-away');
    return doorClient({ url: ready.url, token: ready.tokens.operator }, WORK_WITHIN_MS);
  }
}

/** A kit decides which devices and addresses are opened, so the user confirms them first. */
function sourcesOf(kit: Kit): string[] {
  const lines = kit.sources.slice(0, LISTED_SOURCES).map((source) => {
    const where = isMediaSource(source) ? (source.match.label ?? '') : (source.match.path ?? '');
    return `• ${source.id}: ${source.kind}${where === '' ? '' : `, ${shortText(where)}`}`;
  });
  const more = kit.sources.length - lines.length;
  return more > 0 ? [...lines, `… +${more}`] : lines;
}

/** True: the first button. Escape and closing the dialog count as the last one. */
async function show(
  window: BrowserWindow | null,
  box: { type: 'question' | 'warning'; message: string; detail: string; buttons: string[] },
): Promise<boolean> {
  const last = box.buttons.length - 1;
  const options = { ...box, title: 'Fieldroom', defaultId: last, cancelId: last, noLink: true };
  const { response } = window ? await dialog.showMessageBox(window, options) : await dialog.showMessageBox(options);
  return response === 0 && last > 0;
}
