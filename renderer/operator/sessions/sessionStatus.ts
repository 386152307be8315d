/** One word for a session's state, and its severity. */
import type { SessionEntry } from '../../../electron/common/review.ts';
import type { WordKey } from '../../components/words.ts';

export interface SessionStatus {
  mood: 'good' | 'rest' | 'busy' | 'bad' | 'paused';
  word: WordKey;
}

export function sessionStatus({ state, uploaded, verifying }: SessionEntry): SessionStatus {
  if (verifying !== null) return { mood: 'busy', word: 'sessions.state.verifying' };
  switch (state) {
    case 'recording':
      return { mood: 'busy', word: 'sessions.state.recording' };
    case 'paused':
      return { mood: 'paused', word: 'sessions.state.paused' };
    case 'sealing':
      return { mood: 'busy', word: 'sessions.state.sealing' };
    case 'unfinished':
      return { mood: 'bad', word: 'sessions.state.unfinished' };
    case 'damaged':
      return { mood: 'bad', word: 'sessions.state.damaged' };
    case 'unreadable':
      return { mood: 'bad', word: 'sessions.state.unreadable' };
    case 'verified':
      return { mood: 'good', word: uploaded ? 'sessions.state.uploaded' : 'sessions.state.verified' };
    case 'sealed':
      return uploaded
        ? { mood: 'good', word: 'sessions.state.uploaded' }
        : { mood: 'rest', word: 'sessions.state.sealed' };
  }
}
