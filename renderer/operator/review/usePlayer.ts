/** The player's topics for React and for drawing code. */
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
import type { Player, PlayerTopic } from './player.ts';

export const PlayerContext = createContext<Player | null>(null);

export function usePlayer(): Player {
  const player = useContext(PlayerContext);
  if (!player) throw new Error('this component is not inside a player');
  return player;
}

/** Rerenders the component when one of these changes, but not for every moment. */
export function usePlayerState(...topics: Exclude<PlayerTopic, 'time'>[]): Player {
  const player = usePlayer();
  useSyncExternalStore(
    (listener) => {
      const ends = topics.map((topic) => player.on(topic, listener));
      return () => {
        for (const end of ends) end();
      };
    },
    () => player.version,
  );
  return player;
}

/** Calls back now and at each change of these, without React. */
export function useDrawing(draw: (player: Player) => void, ...topics: PlayerTopic[]): void {
  const player = usePlayer();
  const latest = useRef(draw);
  latest.current = draw;
  const names = topics.join(' ');
  useEffect(() => {
    const call = (): void => latest.current(player);
    const ends = names.split(' ').map((topic) => player.on(topic as PlayerTopic, call));
    call();
    return () => {
      for (const end of ends) end();
    };
  }, [player, names]);
}
