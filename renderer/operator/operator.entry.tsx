/** The operator window: the visible part of the app. */
import { createRoot } from 'react-dom/client';
import { AppTheme } from '../components/AppTheme.tsx';
import { spokenLanguage } from '../components/words.ts';
import { App } from './App.tsx';
import { DoorStore } from './doorStore.ts';
import { StoreContext } from './useStore.ts';

document.documentElement.lang = spokenLanguage;

const store = new DoorStore();
store.open();

createRoot(document.getElementById('root') as HTMLElement).render(
  <AppTheme>
    <StoreContext value={store}>
      <App />
    </StoreContext>
  </AppTheme>,
);
