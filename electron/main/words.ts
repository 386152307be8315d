/** The words of menus, the tray and system dialogs, in the language that the system prefers. */
import { app } from 'electron';
import { wordsFor } from '../../resources/locales/index.ts';

export const { words } = wordsFor(app.getPreferredSystemLanguages());
