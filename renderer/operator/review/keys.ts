/** Keyboard control of the player. Keys that a field or a list needs are left to it. */
import type { Player } from './player.ts';

export interface KeyPress {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** @returns false: this key has no function here. */
export function pressed(
  player: Player,
  { key, shiftKey, ctrlKey, metaKey, altKey }: KeyPress,
  mark: () => void,
): boolean {
  if (ctrlKey || metaKey || altKey) return false;
  const work = ((): (() => void) | undefined => {
    switch (key) {
      case ' ':
      case 'k':
        return () => player.toggle();
      case 'ArrowLeft':
        return () => player.seekBy(shiftKey ? -10 : -1);
      case 'ArrowRight':
        return () => player.seekBy(shiftKey ? 10 : 1);
      case ',':
        return () => void player.step(false);
      case '.':
        return () => void player.step(true);
      case '[':
        return () => player.faster(-1);
      case ']':
        return () => player.faster(1);
      case 'Home':
        return () => player.seek(0);
      case 'End':
        return () => player.seek(player.durationNs);
      case '+':
      case '=':
        return () => player.zoom(0.5);
      case '-':
        return () => player.zoom(2);
      case '0':
        return () => player.fit();
      case 'n':
        return () => toMarker(player, 1);
      case 'p':
        return () => toMarker(player, -1);
      case 'm':
        return mark;
      default:
        return undefined;
    }
  })();
  work?.();
  return work !== undefined;
}

function toMarker(player: Player, direction: 1 | -1): void {
  const times = player.session.markers.map(({ atNs }) => Number(atNs));
  const found = direction > 0 ? times.find((ns) => ns > player.ns) : times.findLast((ns) => ns < player.ns - 1e6);
  if (found !== undefined) player.seek(found);
}
