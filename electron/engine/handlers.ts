/** The handlers of the door's calls. */
import { basename } from 'node:path';
import { fieldroomError } from '../common/errors.ts';
import { isTrial } from '../common/kit.ts';
import type { CallHandlers } from './door/door.ts';
import type { ExportService } from './exports/exportService.ts';
import { KitEditor } from './kitEditor.ts';
import { writeKit } from './kitFile.ts';
import type { KitStore } from './kitStore.ts';
import type { LiveRoom } from './livekit/liveRoom.ts';
import { makeReviewHandlers } from './review/reviewHandlers.ts';
import type { ReviewService } from './review/reviewService.ts';
import type { Recorder } from './session/recorder.ts';
import type { Sealer } from './session/sealer.ts';
import { summaryOf } from './session/summary.ts';
import type { SourceRegistry } from './sources/sourceRegistry.ts';
import { type StatePublisher, sessionState } from './statePublisher.ts';
import type { StudyStore } from './studyStore.ts';
import { makeUploadHandlers } from './upload/uploadHandlers.ts';
import type { UploadService } from './upload/uploadService.ts';

export interface HandlerParts {
  recorder: Recorder;
  sealer: Sealer;
  review: ReviewService;
  live: LiveRoom;
  uploads: UploadService;
  exports: ExportService;
  board: SourceRegistry;
  state: StatePublisher;
  kitStore: KitStore;
  /** Whether a person chose the file at this path. */
  isGranted: (path: string, grant: string | undefined) => boolean;
  studies: StudyStore;
  shutdown: () => Promise<void>;
  attend: (pid: number | null) => void;
  dataFolder: string;
}

export function makeHandlers(parts: HandlerParts): CallHandlers {
  const {
    recorder,
    sealer,
    review,
    live,
    uploads,
    exports,
    board,
    state,
    kitStore,
    isGranted,
    studies,
    shutdown,
    attend,
    dataFolder,
  } = parts;
  const done = { ok: true } as const;
  const editor = new KitEditor(recorder, kitStore);
  const inUse = () => {
    if (!recorder.kit) throw fieldroomError('session.no-kit');
    return { ...recorder.kit, revision: recorder.kitRevision, canUndo: editor.canUndo };
  };
  const known = (source: string): void => {
    if (!board.has(source)) throw fieldroomError('source.unknown', { source });
  };
  const session = () => {
    if (!recorder.session) throw fieldroomError('session.none');
    return recorder.session;
  };
  return {
    'state.get': () => state.get(),
    'kit.load': async ({ kit, path, grant }) => {
      // The kit in use may be written to its file: that must be one of ours, or one that a person chose.
      if (path !== null && !kitStore.has(path) && !isGranted(path, grant))
        throw fieldroomError('kit.not-granted', { name: basename(path) });
      recorder.takeKit(kit, path);
      live.kitChanged();
      return done;
    },
    'kit.get': () => (recorder.kit ? inUse() : null),
    'kit.edit': (step) => {
      editor.edit(step);
      return inUse();
    },
    'kit.undo': () => {
      editor.undo();
      return inUse();
    },
    'kit.save': async ({ kit, path }) => {
      recorder.mayTakeKit();
      const at = path !== null && path === recorder.kit?.path ? path : kitStore.add(kit);
      if (at === path) writeKit(at, kit);
      recorder.takeKit(kit, at);
      live.kitChanged();
      return { path: at, revision: recorder.kitRevision };
    },
    'kits.list': () => kitStore.list(),
    'kit.open': async ({ path }) => {
      recorder.takeKit(kitStore.read(path), path);
      live.kitChanged();
      return done;
    },
    'kit.delete': ({ path }) => {
      if (path === recorder.kit?.path) throw fieldroomError('kit.in-use');
      kitStore.setAside(path);
      return done;
    },
    'studies.list': () => studies.ids(),
    'study.get': ({ id }) => studies.read(id),
    'study.save': ({ study }) => {
      studies.save(study);
      return done;
    },
    'session.start': async ({ stopAfterS, ...input }) => {
      const started = await recorder.start(input);
      if (stopAfterS !== undefined) recorder.stopAfter(stopAfterS);
      return sessionState(started, recorder.stopsInMs);
    },
    'session.stopAfter': ({ seconds }) => {
      recorder.stopAfter(seconds);
      return done;
    },
    'session.pause': async () => sessionState(await recorder.pause()),
    'session.resume': async () => sessionState(await recorder.resume()),
    'session.stop': async () => sessionState(await recorder.stop()),
    'session.afterCrash': ({ choice }) => {
      recorder.afterCrash(choice);
      return done;
    },
    'session.sealed': async ({ id }) => {
      await recorder.ended(id);
      return (await sealer.whenSealed(id)) ?? summaryOf(dataFolder, id);
    },
    'source.pause': ({ source, paused }) => {
      known(source);
      recorder.pauseSource(source, paused);
      return done;
    },
    'source.choose': ({ source, match }) => {
      known(source);
      const { kit, path } = recorder.choose(source, match);
      if (path !== null) writeKit(path, kit);
      return done;
    },
    'devices.drivers': () => recorder.driverInfos,
    'devices.listen': ({ path }) => {
      recorder.mayTakeKit();
      return recorder.listening.ask(path);
    },
    'devices.try': ({ sources }) => {
      const stray = sources.find(({ id }) => !isTrial(id));
      if (stray) throw fieldroomError('source.not-on-trial', { id: stray.id });
      if (!recorder.session) recorder.trials.ask(sources);
      return done;
    },
    'marker.add': async ({ code, note, atNs }) => ({
      atNs: String(await session().mark(code, note, atNs === undefined ? undefined : BigInt(atNs))),
    }),
    'assignment.set': ({ source, participant }) => {
      known(source);
      board.assign(source, participant);
      recorder.session?.assign(source, participant, board.placeOf(source));
      return done;
    },
    'token.create': ({ identity, publish, ttlSeconds }) => live.invite(identity, publish, ttlSeconds),
    ...makeReviewHandlers(review, () => uploads.changed()),
    ...makeUploadHandlers(uploads, review),
    'exports.start': async (input) => exports.start(await review.client.ask('folder', { key: input.key }), input),
    'exports.list': () => ({ jobs: exports.list() }),
    'exports.cancel': ({ id }) => {
      exports.cancel(id);
      return done;
    },
    'appliance.attend': ({ pid }) => {
      attend(pid);
      return done;
    },
    'appliance.shutdown': ({ force }) => {
      if (recorder.session && !force) throw fieldroomError('session.recording');
      // The answer is sent first.
      setTimeout(() => void shutdown(), 50);
      return done;
    },
  };
}
