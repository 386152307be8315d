/** Opens one device as the kit requests, and reports the settings actually obtained. */
import type { CameraSource, MediaSource, MicrophoneSource, ScreenSource } from '../../electron/common/kit.ts';
import type { Device } from './deviceMatch.ts';
import type { OpenTrack } from './openTrack.ts';
import { simulatedCamera } from './simulated/simulatedCamera.ts';
import { simulatedMicrophone } from './simulated/simulatedMicrophone.ts';

/** How a page captures a screen: the app first names it to its main process. */
export type ChooseScreen = (name: string) => Promise<unknown>;

/** @param device null if none is needed (screens, simulations). */
export async function openMedia(
  source: MediaSource,
  device: Device | null,
  chooseScreen: ChooseScreen,
): Promise<OpenTrack> {
  if (source.driver === 'simulated')
    return source.kind === 'camera' ? simulatedCamera(source) : simulatedMicrophone(source as MicrophoneSource);
  if (source.kind === 'screen') return openScreen(source, chooseScreen);
  const stream =
    source.kind === 'camera'
      ? await openCamera(source, device)
      : await navigator.mediaDevices.getUserMedia({ audio: audioConstraints(source, device) });
  const [track] = stream.getTracks();
  if (!track) throw new DOMException('no track', 'NotReadableError');
  return { track, device: device?.label || track.label, simulated: false, stop: () => track.stop() };
}

async function openScreen(source: ScreenSource, chooseScreen: ChooseScreen): Promise<OpenTrack> {
  const { width, height, frameRate } = source.settings;
  await chooseScreen(source.match.label ?? source.match.path ?? '');
  const stream = await navigator.mediaDevices.getDisplayMedia({
    audio: false,
    video: { width: { max: width }, height: { max: height }, frameRate: { max: frameRate } },
  });
  const [track] = stream.getVideoTracks();
  if (!track) throw new DOMException('no track', 'NotReadableError');
  return { track, device: track.label, simulated: false, stop: () => track.stop() };
}

/** Chromium's default if no rate is requested. */
const USUAL_RATE = 30;

/**
 * An ideal or maximum rate makes Chromium drop frames whenever some arrive late and the next ones follow closely: on a
 * busy computer one in twenty. A minimum rate does not; a camera that cannot reach it delivers what it can.
 */
async function openCamera(source: CameraSource, device: Device | null): Promise<MediaStream> {
  const { width, height, frameRate } = source.settings;
  const video: MediaTrackConstraints = {
    ...(device ? { deviceId: { exact: device.deviceId } } : {}),
    width: { ideal: width },
    height: { ideal: height },
  };
  const open = (rate: MediaTrackConstraints): Promise<MediaStream> =>
    navigator.mediaDevices.getUserMedia({ video: { ...video, ...rate } });
  // Fewer frames than usual are requested, so frames may be dropped on purpose.
  if (frameRate < USUAL_RATE) return open({ frameRate: { ideal: frameRate } });
  try {
    return await open({ frameRate: { min: frameRate } });
  } catch (error) {
    if (!(error instanceof OverconstrainedError) || error.constraint !== 'frameRate') throw error;
    return open({});
  }
}

/** The browser's own processing is made for calls and changes the sound: all of it is off. */
function audioConstraints(source: MicrophoneSource, device: Device | null): MediaTrackConstraints {
  return {
    ...(device ? { deviceId: { exact: device.deviceId } } : {}),
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    channelCount: { ideal: source.settings.input === 'all' ? (source.settings.channels ?? 2) : 2 },
    sampleRate: { ideal: 48_000 },
  };
}

/** Obtained settings as facts, without the ids that identify a person's browser profile. */
export function settingsFacts(track: MediaStreamTrack): Record<string, unknown> {
  const { deviceId: _device, groupId: _group, ...settings } = track.getSettings();
  return { ...settings };
}
