/** A canvas that is drawn when the player's topics, its size or the theme change: at most once per animation frame. */
import { type RefObject, useEffect, useRef } from 'react';
import type { Player, PlayerTopic } from './player.ts';
import { usePlayer } from './usePlayer.ts';

export interface Surface {
  context: CanvasRenderingContext2D;
  /** In CSS pixels. */
  width: number;
  height: number;
  /** A colour of the theme: `--room-plot`. */
  color(name: string): string;
}

/** Calls back when the element's size or the theme's colours change. @returns a function that stops it */
export function onLooks(element: HTMLElement, resized: () => void, themed: () => void): () => void {
  const size = new ResizeObserver(resized);
  size.observe(element);
  const theme = new MutationObserver(themed);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
  return () => {
    size.disconnect();
    theme.disconnect();
  };
}

export function useCanvas(
  draw: (surface: Surface, player: Player) => void,
  ...topics: PlayerTopic[]
): RefObject<HTMLCanvasElement | null> {
  const player = usePlayer();
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  const names = topics.join(' ');
  const redraw = useRef<() => void>(() => undefined);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    let frame = 0;
    const paint = (): void => {
      frame = 0;
      const { clientWidth: width, clientHeight: height } = element;
      const scale = window.devicePixelRatio;
      if (element.width !== Math.round(width * scale)) element.width = Math.round(width * scale);
      if (element.height !== Math.round(height * scale)) element.height = Math.round(height * scale);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      const style = getComputedStyle(element);
      latest.current({ context, width, height, color: (name) => style.getPropertyValue(name) }, player);
    };
    const soon = (): void => {
      frame ||= requestAnimationFrame(paint);
    };
    redraw.current = soon;
    const ends = names.split(' ').map((topic) => player.on(topic as PlayerTopic, soon));
    ends.push(onLooks(element, soon, soon));
    soon();
    return () => {
      for (const end of ends) end();
      cancelAnimationFrame(frame);
    };
  }, [player, names]);
  useEffect(() => redraw.current());
  return canvas;
}
