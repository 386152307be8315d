/** One word for a source, and how serious it is. Never green for what does not arrive. */
import type { SourceHealth } from '../../electron/common/applianceState.ts';
import type { WordKey } from '../components/words.ts';
import { lateMs } from './alarms.ts';

export interface SourceStatus {
  mood: 'good' | 'rest' | 'busy' | 'bad';
  word: WordKey;
}

export function sourceStatus(source: SourceHealth, recording: boolean): SourceStatus {
  if (source.paused) return { mood: 'rest', word: 'state.paused' };
  switch (source.state.state) {
    case 'streaming':
      if (!recording) return { mood: 'good', word: 'state.ready' };
      if (lateMs(source) !== null) return { mood: 'bad', word: 'state.late' };
      return source.streams.some((stream) => stream.count > 0)
        ? { mood: 'good', word: 'state.recording' }
        : { mood: 'busy', word: 'state.waiting' };
    case 'searching':
      return { mood: 'bad', word: 'state.searching' };
    case 'choosing':
      return { mood: 'bad', word: 'state.choosing' };
    case 'opening':
      return { mood: 'busy', word: 'state.opening' };
    case 'silent':
      return { mood: 'bad', word: 'state.silent' };
    case 'paused':
      return { mood: 'rest', word: 'state.paused' };
    case 'error':
      return { mood: 'bad', word: 'state.error' };
  }
}
