import {
  AudioFrame,
  AudioSource,
  AudioStream,
  dispose,
  LocalAudioTrack,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { afterAll, expect, test } from 'vitest';
import { LivekitSupervisor } from '../../electron/engine/livekit/livekitSupervisor.ts';
import { realServer, temporaryFolder, until } from './livekitHelp.ts';

afterAll(() => dispose());

test('media flows between foreign participants while every socket of the server is on loopback, and flows again after kill -9', async () => {
  const folder = await temporaryFolder();
  const livekit = new LivekitSupervisor({ serverPath: realServer(), logFolder: folder.path });
  const [speaker, listener] = [new Room(), new Room()];
  const rateHz = 48_000;
  const source = new AudioSource(rateHz, 1);
  let speaking = true;
  let loudFrames = 0;
  listener.on(RoomEvent.TrackSubscribed, async (track: RemoteTrack) => {
    for await (const frame of new AudioStream(track, rateHz, 1))
      if (frame.data.some((sample) => Math.abs(sample) > 3000)) loudFrames += 1;
  });
  try {
    await livekit.start();
    const room = await livekit.openRoom('session-1');
    const join = async (participant: Room, identity: string) => {
      const token = await room.token({ identity, publish: true, subscribe: true, ttlSeconds: 60 });
      await participant.connect(livekit.access().url, token, { autoSubscribe: true, dynacast: false });
    };
    await Promise.all([join(speaker, 'speaker'), join(listener, 'listener')]);
    await speaker.localParticipant?.publishTrack(
      LocalAudioTrack.createAudioTrack('mic-1', source),
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, red: false, dtx: false }),
    );
    void (async () => {
      for (let n = 0; speaking; n += 1) {
        const tone = Int16Array.from(
          { length: rateHz / 100 },
          (_, index) => 12_000 * Math.sin((2 * Math.PI * 440 * (n * (rateHz / 100) + index)) / rateHz),
        );
        await source.captureFrame(new AudioFrame(tone, rateHz, 1, tone.length));
      }
    })();
    await until('the listener hears the tone', () => loudFrames >= 50, 10_000);
    const seen = await room.participants();
    expect(seen.map(({ identity, state }) => `${identity} ${state}`).sort()).toEqual([
      'listener active',
      'speaker active',
    ]);
    expect(seen.flatMap(({ tracks }) => tracks)).toEqual([
      {
        name: 'mic-1',
        kind: 'audio',
        sid: expect.stringMatching(/^TR_/),
        muted: false,
        source: 'microphone',
        codec: 'audio/opus',
      },
    ]);

    const beginMs = performance.now();
    process.kill(livekit.status.pid ?? 0, 'SIGKILL');
    await until('the server runs again', () => livekit.status.restarts === 1 && livekit.status.state === 'running');
    const heardBefore = loudFrames;
    await until('the listener hears the tone again', () => loudFrames >= heardBefore + 50, 25_000);
    console.info(`kill -9 to half a second of sound again: ${Math.round(performance.now() - beginMs)} ms`);
  } finally {
    speaking = false;
    await Promise.all([speaker.disconnect(), listener.disconnect()]);
    await livekit.stop();
    await folder.remove();
  }
}, 60_000);
