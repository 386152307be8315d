/** Every screen, and the appliance states in which it is shown. A new page adds its lines here. */
import type { Page } from 'playwright-core';
import { lookAtSession, recordLesson, spoilSession } from './lesson.ts';

export interface Shot {
  name: string;
  /** Address of the page after `#`; omitted: the current page. */
  address?: string;
  prepare?: (page: Page, dataFolder: string) => Promise<void>;
  leave?: (page: Page) => Promise<void>;
}

export interface Scene {
  /** A state of the fake engine (test/e2e/fakeEngine.ts), or a scene recorded by the real engine. */
  name: string;
  /** With the real engine and the simulated classroom: what is shown was recorded. */
  real?: true;
  shots: readonly Shot[];
}

const dismiss = (page: Page): Promise<void> => page.keyboard.press('Escape');
/** Black, frozen and silent are detected only after some seconds. */
const looked = (page: Page): Promise<void> => page.waitForTimeout(6000);

const press =
  (name: string, then = 'dialog' as const) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('button', { name, exact: true }).first().click();
    await page.getByRole(then).waitFor();
  };

const listen =
  (source: string, said: RegExp) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('article', { name: source }).getByRole('button', { name: 'Detect device…' }).click();
    await page.getByRole('dialog').getByText(said).waitFor();
  };

export const SCENES: readonly Scene[] = [
  {
    name: 'empty',
    shots: [
      { name: 'live', address: '/live' },
      { name: 'setup', address: '/setup' },
      { name: 'setup-by-hand', address: '/setup', prepare: press('Add a sensor manually…'), leave: dismiss },
      { name: 'check', address: '/check' },
      { name: 'study', address: '/study' },
      { name: 'sessions', address: '/sessions' },
      { name: 'uploads', address: '/uploads' },
    ],
  },
  {
    name: 'ready',
    shots: [
      { name: 'live', address: '/live' },
      { name: 'setup', address: '/setup' },
      { name: 'check', address: '/check', prepare: looked },
      { name: 'study', address: '/study' },
      { name: 'setup-kits', address: '/setup', prepare: press('Kits…'), leave: dismiss },
      { name: 'sessions', address: '/sessions' },
      { name: 'sessions-report', address: '/sessions', prepare: press('Timing report of Pendulum'), leave: dismiss },
      { name: 'sessions-export', address: '/sessions', prepare: press('Export… Pendulum'), leave: dismiss },
      { name: 'help', address: '/help' },
      { name: 'sessions-delete', address: '/sessions', prepare: press('Delete… Pendulum'), leave: dismiss },
      {
        name: 'uploads',
        address: '/uploads',
        prepare: async (page) => {
          await page.getByRole('button', { name: /^Files: 20261122/ }).click();
          await page.getByText('media/camera-back/0001.mkv').waitFor();
        },
      },
      { name: 'uploads-change', address: '/uploads', prepare: press('Edit… Lab storage'), leave: dismiss },
      {
        name: 'uploads-tested',
        address: '/uploads',
        prepare: async (page) => {
          await page.getByRole('button', { name: 'Test Lab storage', exact: true }).click();
          await page.getByText(/does not accept the keys/).waitFor();
        },
      },
      {
        name: 'uploads-new',
        address: '/uploads',
        prepare: async (page) => {
          await press('Add destination…')(page);
          await page.getByRole('button', { name: 'Save', exact: true }).click();
        },
        leave: dismiss,
      },
      { name: 'uploads-remove', address: '/uploads', prepare: press('Remove… Lab storage'), leave: dismiss },
      { name: 'sessions-free', address: '/sessions', prepare: press('Free space… Pendulum'), leave: dismiss },
    ],
  },
  {
    name: 'sensors',
    shots: [
      { name: 'live', address: '/live' },
      { name: 'setup', address: '/setup' },
      {
        name: 'straps',
        address: '/setup',
        prepare: async (page) => {
          await press('Match straps by touch…')(page);
          await page.getByText('33108').first().waitFor();
        },
        leave: dismiss,
      },
      { name: 'anchors', address: '/setup', prepare: press('Move the anchors…'), leave: dismiss },
      {
        name: 'listen',
        address: '/setup',
        prepare: listen('Door sensor', /light 339/),
        leave: dismiss,
      },
      {
        name: 'listen-silent',
        address: '/setup',
        prepare: listen('Positions', /sends nothing/),
        leave: dismiss,
      },
    ],
  },
  {
    name: 'recording',
    shots: [
      { name: 'live', address: '/live' },
      { name: 'setup', address: '/setup' },
      { name: 'stop', address: '/live', prepare: press('Stop'), leave: dismiss },
    ],
  },
  {
    name: 'alarm',
    shots: [
      { name: 'uploads', address: '/uploads' },
      { name: 'live', address: '/live' },
      { name: 'check', address: '/check', prepare: looked },
      { name: 'setup', address: '/setup' },
      { name: 'study', address: '/study' },
      { name: 'sessions', address: '/sessions' },
    ],
  },
  {
    name: 'loss',
    shots: [
      { name: 'live', address: '/live', prepare: (page) => page.getByText(/^Last value /).waitFor() },
      { name: 'check', address: '/check', prepare: looked },
    ],
  },
  { name: 'paused', shots: [{ name: 'live', address: '/live' }] },
  {
    name: 'resumed',
    shots: [
      { name: 'live', address: '/live' },
      {
        name: 'live-ending',
        prepare: async (page) => {
          await page.getByRole('button', { name: 'End at the crash' }).click();
          await page.getByRole('button', { name: 'Undo' }).waitFor();
        },
      },
    ],
  },
  {
    name: 'real',
    real: true,
    shots: [
      { name: 'setup', address: '/setup', prepare: (page) => page.waitForTimeout(3000) },
      { name: 'live', address: '/live', prepare: recordLesson },
      { name: 'review', prepare: lookAtSession },
      {
        name: 'review-zoomed',
        prepare: async (page) => {
          for (let i = 0; i < 6; i += 1) await page.keyboard.press('+');
        },
      },
      { name: 'review-marker', prepare: press('Add marker…'), leave: dismiss },
      { name: 'review-alarm', prepare: spoilSession },
      { name: 'sessions-alarm', address: '/sessions' },
      { name: 'review-none', address: '/sessions/AAAAAAAAAAAAAAAA' },
    ],
  },
];
