/** A microphone without a device: a soft tone that swells once a second. For demos, teaching and tests. */
import type { MicrophoneSource } from '../../../electron/common/kit.ts';
import type { OpenTrack } from '../openMedia.ts';

export async function simulatedMicrophone(source: MicrophoneSource): Promise<OpenTrack> {
  const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
  await context.resume();
  const tone = new OscillatorNode(context, { frequency: 220 + 60 * (hash(source.id) % 8) });
  const level = new GainNode(context, { gain: 0.12 });
  const swell = new OscillatorNode(context, { frequency: 1 });
  const depth = new GainNode(context, { gain: 0.1 });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: source.settings.channels });
  tone.connect(level).connect(out);
  swell.connect(depth).connect(level.gain);
  tone.start();
  swell.start();
  const [track] = out.stream.getAudioTracks();
  if (!track) throw new DOMException('no track', 'NotReadableError');
  const stop = (): void => {
    track.stop();
    void context.close();
  };
  return { track, device: 'Simulated microphone', simulated: true, stop };
}

const hash = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);
