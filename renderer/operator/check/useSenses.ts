/** Looks at every camera and listens to every microphone while the check is open. */
import { useEffect, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { withPicture } from '../sources/jpeg.ts';
import { useStore } from '../useStore.ts';
import { type PictureSeen, type Sense, senseOfPicture, senseOfSound } from './senses.ts';

const LOOK_EVERY_MS = 1000;
const KEPT = 120;

export function useSenses(sources: readonly SourceHealth[]): ReadonlyMap<string, Sense> {
  const store = useStore();
  const [senses, setSenses] = useState<ReadonlyMap<string, Sense>>(new Map());
  const cameras = ids(sources, 'camera');
  const microphones = ids(sources, 'microphone');
  useEffect(() => {
    const pictures = new Map<string, PictureSeen[]>();
    const sounds = new Map<string, { atMs: number; peak: number }[]>();
    const keep = <T>(all: Map<string, T[]>, id: string, one: T): void => {
      all.set(id, [...(all.get(id) ?? []), one].slice(-KEPT));
    };
    const ends = [
      ...split(cameras).map((id) =>
        store.subscribe(`preview:${id}`, () => {
          const jpeg = store.preview(id);
          if (jpeg === undefined) return;
          void brightnessOf(jpeg).then((brightness) =>
            keep(pictures, id, { atMs: performance.now(), jpeg, brightness }),
          );
        }),
      ),
      ...split(microphones).map((id) =>
        store.subscribe(`level:${id}`, () => keep(sounds, id, { atMs: performance.now(), peak: store.peak(id) })),
      ),
    ];
    const timer = window.setInterval(() => {
      const nowMs = performance.now();
      setSenses(
        new Map([
          ...[...pictures].map(([id, seen]) => [id, senseOfPicture(seen, nowMs)] as const),
          ...[...sounds].map(([id, heard]) => [id, senseOfSound(heard, nowMs)] as const),
        ]),
      );
    }, LOOK_EVERY_MS);
    return () => {
      window.clearInterval(timer);
      for (const end of ends) end();
    };
  }, [store, cameras, microphones]);
  return senses;
}

/** One text, so that a new state with the same sources begins nothing anew. */
const ids = (sources: readonly SourceHealth[], kind: string): string =>
  sources
    .filter((source) => source.kind === kind)
    .map(({ id }) => id)
    .join(' ');
const split = (text: string): string[] => text.split(' ').filter((id) => id !== '');

/** Drawn so small that the drawing itself takes the mean. */
async function brightnessOf(jpeg: string): Promise<number> {
  const context = new OffscreenCanvas(16, 9).getContext('2d');
  if (!context) return 255;
  await withPicture(jpeg, (picture) => context.drawImage(picture, 0, 0, 16, 9));
  const { data } = context.getImageData(0, 0, 16, 9);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4)
    sum += 0.299 * (data[i] ?? 0) + 0.587 * (data[i + 1] ?? 0) + 0.114 * (data[i + 2] ?? 0);
  return sum / (16 * 9);
}
