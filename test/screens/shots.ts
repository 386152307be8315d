/** Every screen, and in which state of the appliance it is shown. A new page adds its lines here. */
import type { Page } from 'playwright-core';

export interface Shot {
  name: string;
  /** Address of the page, after `#`. */
  address: string;
  prepare?: (page: Page) => Promise<void>;
  leave?: (page: Page) => Promise<void>;
}

/** `name` is a state of the stand-in engine (test/e2e/fakeEngine.ts). */
export const SCENES: readonly { name: string; shots: readonly Shot[] }[] = [
  {
    name: 'empty',
    shots: [
      { name: 'live', address: '/live' },
      { name: 'setup', address: '/setup' },
    ],
  },
  {
    name: 'ready',
    shots: [
      { name: 'live', address: '/live' },
      { name: 'setup', address: '/setup' },
      { name: 'check', address: '/check', prepare: (page) => page.waitForTimeout(6000) },
      { name: 'study', address: '/study' },
      {
        name: 'setup-kits',
        address: '/setup',
        prepare: async (page) => {
          await page.getByRole('button', { name: 'Kits…' }).click();
          await page.getByText('Room 12').waitFor();
        },
        leave: (page) => page.keyboard.press('Escape'),
      },
    ],
  },
  {
    name: 'recording',
    shots: [
      { name: 'live', address: '/live' },
      {
        name: 'stop',
        address: '/live',
        prepare: async (page) => {
          await page.getByRole('button', { name: 'Stop', exact: true }).click();
          await page.getByRole('dialog').waitFor();
        },
        leave: (page) => page.keyboard.press('Escape'),
      },
    ],
  },
  {
    name: 'alarm',
    shots: [
      { name: 'live', address: '/live' },
      { name: 'check', address: '/check', prepare: (page) => page.waitForTimeout(6000) },
    ],
  },
];
