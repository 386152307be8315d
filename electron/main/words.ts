/** Texts of menus, the tray and system dialogs, in the system's preferred language. */
import { app } from 'electron';
import { wordsFor } from '../../resources/locales/index.ts';

export const { words } = wordsFor(app.getPreferredSystemLanguages());
