import type { MediaSource } from '../../electron/common/kit.ts';
import type { CaptureWorker } from './captureWorker.ts';

/** Sound buffers that may wait for the worker: more than two seconds, since none may be lost. */
const AUDIO_BUFFERS = 200;
/** Pictures that may wait: a camera has few buffers, and it cannot fill one that is held here. */
const PICTURES = 4;

/** Gives a track's frames to the worker: the stream itself is transferred, so no frame passes through the window's thread. */
export function readInWorker(
  worker: CaptureWorker,
  source: MediaSource,
  track: MediaStreamTrack,
  instance: number,
  driftPpm = 0,
): void {
  const at = { source: source.id, instance };
  if (source.kind === 'microphone') {
    const audio = track as MediaStreamAudioTrack;
    const { readable } = new MediaStreamTrackProcessor({ track: audio, maxBufferSize: AUDIO_BUFFERS });
    worker.post({ type: 'openAudio', ...at, readable, settings: source.settings, driftPpm }, [readable]);
    return;
  }
  const { settings } = source;
  const { width = settings.width, height = settings.height, frameRate = 0 } = track.getSettings();
  const video = track as MediaStreamVideoTrack;
  const { readable } = new MediaStreamTrackProcessor({ track: video, maxBufferSize: PICTURES });
  const obtained = { width, height, frameRate: frameRate || settings.frameRate };
  worker.post({ type: 'openVideo', ...at, readable, settings, obtained, screen: source.kind === 'screen' }, [readable]);
}
