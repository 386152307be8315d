/** A simulated microphone: a soft tone that swells once a second. For demos, teaching and tests. */
import type { MicrophoneSource } from '../../../electron/common/kit.ts';
import type { OpenTrack } from '../openTrack.ts';

/** One audio context shared by all of them: each context would open the sound card separately. */
let shared: AudioContext | null = null;
let users = 0;

export async function simulatedMicrophone(source: MicrophoneSource): Promise<OpenTrack> {
  shared ??= new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
  const context = shared;
  users += 1;
  await context.resume();
  const tone = new OscillatorNode(context, { frequency: 220 + 60 * (hash(source.id) % 8) });
  const level = new GainNode(context, { gain: 0.12 });
  const swell = new OscillatorNode(context, { frequency: 1 });
  const depth = new GainNode(context, { gain: 0.1 });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: source.settings.channels ?? 1 });
  tone.connect(level).connect(out);
  swell.connect(depth).connect(level.gain);
  tone.start();
  swell.start();
  const [track] = out.stream.getAudioTracks();
  if (!track) throw new DOMException('no track', 'NotReadableError');
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    track.stop();
    tone.stop();
    swell.stop();
    level.disconnect();
    release();
  };
  return { track, device: 'Simulated microphone', simulated: true, stop };
}

function release(): void {
  users -= 1;
  if (users > 0) return;
  void shared?.close();
  shared = null;
}

const hash = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);
