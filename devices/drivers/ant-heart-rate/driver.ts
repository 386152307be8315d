/** ANT+ heart rate straps through a serial ANT stick: one paired strap, or a whole class in continuous scan. */
import { type DeviceInfo, type DriverContext, defineDriver } from '../../driver.ts';
import { AntConversation } from './conversation.ts';
import { AntListener } from './listener.ts';
import { AntParser } from './parser.ts';
import { command } from './protocol.ts';
import { type AntSettings, antSettingsSchema } from './settings.ts';

const REMIND_MS = 8_000;
/** The rest of a frame follows within milliseconds; USB may delay it by a few tens of milliseconds. */
const FRAME_MS = 200;
/** Reminders without any data after which the stick is set up again: it may have lost its channel. */
const STILL_REMINDERS = 3;
const REOPEN_MS = [0, 500, 1000, 2000, 5000];

/** Sticks that have their own serial port (section 2a, "Sticks"). */
function fits(device: DeviceInfo): 0 | 1 | 2 | 3 {
  if (device.kind !== 'serial') return 0;
  if (device.vendorId === '0fcf' && ['1003', '1004', '1006', '1008', '1009'].includes(device.productId ?? '')) return 3;
  if (device.vendorId === '0fcf') return 2;
  // Raw modules are connected through common USB-serial chips: FTDI and Silicon Labs.
  return device.vendorId === '0403' || device.vendorId === '10c4' ? 1 : 0;
}

async function run(context: DriverContext<AntSettings>): Promise<void> {
  const { link, settings } = context;
  const parser = new AntParser();
  const conversation = new AntConversation(link, (ms) => context.sleep(ms));
  const listener = new AntListener(context);
  const take = (frames: ReturnType<AntParser['push']>, arrivedNs: number): void => {
    for (const frame of frames) {
      if (frame.type === 'frame') conversation.offer(frame);
      listener.take(frame, arrivedNs);
    }
    listener.endOfRead(arrivedNs);
  };
  let reads = 0;
  // A stick that loses power in the middle of a frame sends only its greeting afterwards; the greeting must not be held
  // back as part of the cut-off frame.
  const unlock = async (): Promise<void> => {
    for (let before = -1; parser.isWaiting && before !== reads; ) {
      before = reads;
      await context.sleep(FRAME_MS);
    }
    if (parser.isWaiting) take(parser.giveUp(), context.now());
    watching = false;
  };
  let watching = false;
  link.onData = (bytes, arrivedNs) => {
    reads += 1;
    conversation.heardBytes = true;
    take(parser.push(bytes), arrivedNs);
    if (!parser.isWaiting || watching) return;
    watching = true;
    unlock().catch(() => undefined);
  };
  // Best effort: a stick that is left open keeps sending to a port that nobody reads. The host closes the link right
  // after the abort, so the command is sent immediately.
  const shut = (): void => void link.write(command.close()).catch(() => undefined);
  context.signal.addEventListener('abort', shut, { once: true });
  const gone = link.closed.then((error) => {
    if (error) throw error;
  });
  gone.catch(() => undefined);
  try {
    await Promise.race([gone, talk(context, conversation, listener)]);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    listener.end(context.now());
    link.onData = null;
    if (!context.signal.aborted) shut();
  }
  if (settings.mode === 'scan') context.log('info', `${listener.strapCount} heart straps were received.`);
}

/** Opens the channel, and reopens it whenever the stick closed it or restarted. Ends only by rejecting. */
async function talk(
  context: DriverContext<AntSettings>,
  conversation: AntConversation,
  listener: AntListener,
): Promise<never> {
  const { settings } = context;
  await conversation.open(settings);
  listener.open = true;
  const watch = remindWhileNobodyIsHeard(context, listener);
  for (let tries = 0; ; ) {
    const before = listener.broadcasts;
    const what = await Promise.race([listener.interrupted(), watch]);
    tries = listener.broadcasts > before ? 0 : tries + 1;
    await context.sleep(REOPEN_MS[Math.min(tries, REOPEN_MS.length - 1)] as number);
    context.log(
      'warn',
      what === 'restarted'
        ? 'The ANT stick began anew or fell silent; it is set up again.'
        : 'The ANT stick closed the channel; it is opened again.',
    );
    if (what === 'restarted') await conversation.open(settings);
    else await conversation.reopen(settings.mode === 'scan');
    listener.open = true;
  }
}

/** Reports what is wrong before the device host, which knows less, reports the stick as silent. */
async function remindWhileNobodyIsHeard(context: DriverContext<AntSettings>, listener: AntListener): Promise<never> {
  for (let still = 0; ; ) {
    const { broadcasts, beats, reads } = listener;
    await context.sleep(REMIND_MS);
    still = listener.reads > reads ? 0 : still + 1;
    if (still >= STILL_REMINDERS) {
      still = 0;
      listener.setUpAgain();
    }
    if (listener.beats > beats) continue;
    if (listener.broadcasts > broadcasts) {
      context.trouble(
        'device.no-contact',
        'A heart strap is heard, but it feels no heartbeat.',
        'Moisten the strap and tighten it on the skin.',
      );
    } else {
      context.trouble(
        'device.no-strap',
        'No heart strap is heard.',
        'Moisten the strap, put it on, and bring it within a few metres of the stick.',
      );
    }
  }
}

export const antHeartRateDriver = defineDriver<AntSettings>({
  id: 'ant-heart-rate',
  title: 'ANT+ heart straps',
  kinds: ['serial', 'tcp'],
  settings: antSettingsSchema,
  serial: { baudRate: 115_200, lowLatency: true },
  fits,
  // Longer than REMIND_MS, so that the driver is the first to report a strap out of range or without contact.
  silentAfterMs: 10_000,
  run,
});
