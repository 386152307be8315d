/** One word for a source's state, and its severity. Never green for data that does not arrive. */
import type { SourceHealth } from '../../electron/common/applianceState.ts';
import type { WordKey } from '../components/words.ts';

export interface SourceStatus {
  /** `rest`: paused; `warn`: a person should look. */
  mood: 'good' | 'rest' | 'busy' | 'warn' | 'bad';
  word: WordKey;
}

/** @param sessionPaused nothing is recorded, whatever the source does */
export function sourceStatus(source: SourceHealth, recording: boolean, sessionPaused = false): SourceStatus {
  if (source.paused || (sessionPaused && source.state.state === 'streaming'))
    return { mood: 'rest', word: 'state.paused' };
  switch (source.state.state) {
    case 'streaming':
      if (source.health.level === 'losing')
        return { mood: 'bad', word: recording ? losingWord(source) : 'state.wouldLose' };
      if (source.health.level === 'look') return { mood: 'warn', word: 'state.look' };
      if (!recording) return { mood: 'good', word: 'state.ready' };
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

const losingWord = ({ health }: SourceHealth): WordKey =>
  health.findings[0]?.code === 'late' ? 'state.late' : 'state.losing';
