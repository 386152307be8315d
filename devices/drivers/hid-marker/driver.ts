/** Clickers, pedals, presenters and keypads on HID as a stream of presses and releases. See README.md. */
import { readFile } from 'node:fs/promises';
import { fieldroomError } from '../../../electron/common/errors.ts';
import { type DeviceInfo, type DriverContext, defineDriver } from '../../driver.ts';
import { Debounce, type TimedEdge } from './debounce.ts';
import { parseReportDescriptor } from './descriptor.ts';
import { descriptorLayout, KNOWN, LAYOUTS, type Layout, mappedLayout } from './layouts.ts';
import { HidMarkerParser } from './parser.ts';
import { type HidMarkerSettings, hidMarkerSettingsSchema } from './settings.ts';

/** Consecutive unrecognised reports that indicate a wrong layout. */
const TROUBLE_AFTER_REPORTS = 20;

const knownAs = (device: DeviceInfo | null) =>
  KNOWN.find((entry) => entry.vendorId === device?.vendorId && entry.productId === device?.productId);

/**
 * Finds the layout of the device's reports, and the word for how it was found. @throws FieldroomError
 * `device.unknown-layout`
 */
async function layoutOf({
  settings,
  device,
  link,
}: DriverContext<HidMarkerSettings>): Promise<{ layout: Layout; by: string }> {
  if (settings.buttons) return { layout: mappedLayout(settings.buttons), by: 'settings' };
  if (settings.device !== 'auto') return { layout: LAYOUTS[settings.device], by: settings.device };
  const known = knownAs(device);
  if (known) return { layout: LAYOUTS[known.device], by: known.device };
  const layout = await layoutFromSystem(link.path);
  if (layout) return { layout, by: 'report descriptor' };
  throw fieldroomError('device.unknown-layout', { path: link.path });
}

/** node-hid does not expose the report descriptor; Linux provides it in a file. */
async function layoutFromSystem(path: string): Promise<Layout | null> {
  const name = /^\/dev\/(hidraw\d+)$/.exec(path)?.[1];
  if (name === undefined) return null;
  const bytes = await readFile(`/sys/class/hidraw/${name}/device/report_descriptor`).catch(() => null);
  return bytes ? descriptorLayout(parseReportDescriptor(bytes)) : null;
}

async function run(context: DriverContext<HidMarkerSettings>): Promise<void> {
  const { link, settings } = context;
  const { layout, by } = await layoutOf(context);
  const parser = new HidMarkerParser(layout);
  const debounce = new Debounce(settings.debounceMs);
  const sink = context.stream({
    suffix: '',
    label: context.device?.product ?? 'Buttons',
    channels: [
      { name: 'button', unit: '', type: 'integer' },
      { name: 'pressed', unit: '', type: 'boolean' },
      { name: 'name', unit: '', type: 'text' },
    ],
    facts: { layout: by, debounceMs: settings.debounceMs },
  });
  const record = (edges: readonly TimedEdge[]): void => {
    for (const { edge, arrivedNs } of edges) {
      const name = settings.names[String(edge.button)] ?? edge.name;
      sink.sample({ values: [edge.button, edge.pressed, name], arrivedNs });
    }
  };
  let waiting = false;
  const settleLater = async (): Promise<void> => {
    if (waiting) return;
    waiting = true;
    while (debounce.isHolding) {
      await context.sleep(settings.debounceMs);
      record(debounce.due(context.now()));
    }
    waiting = false;
  };
  let lastNs = context.now();
  let odd = 0;
  link.onData = (report, arrivedNs) => {
    for (const frame of parser.push(report)) {
      odd = frame.type === 'edge' ? 0 : odd + 1;
      if (odd === TROUBLE_AFTER_REPORTS) {
        const nextStep = 'Check "device" or "buttons" in the settings: this may be another device.';
        context.trouble('device.garbage', `The reports of ${link.path} do not match its layout (${by}).`, nextStep);
      }
      if (frame.type === 'edge') record(debounce.take(frame, arrivedNs));
      else
        sink.gap(frame.reason, null, `A report of ${frame.discardedBytes} bytes that means nothing`, lastNs, arrivedNs);
    }
    lastNs = arrivedNs;
    // Closing the source ends the wait; there is nothing left to record.
    if (debounce.isHolding) settleLater().catch(() => undefined);
  };
  const gone = link.closed.then((error) => {
    if (error) throw error;
  });
  if (!layout.poll) return gone;
  gone.catch(() => undefined);
  await Promise.race([gone, poll(context, layout.poll)]);
}

async function poll(
  { link, sleep, signal }: DriverContext<HidMarkerSettings>,
  { report, everyMs }: NonNullable<Layout['poll']>,
): Promise<void> {
  while (!signal.aborted) {
    await link.write(report);
    await sleep(everyMs);
  }
}

function fits(device: DeviceInfo): 0 | 1 | 2 | 3 {
  const known = device.kind === 'hid' ? knownAs(device) : undefined;
  if (!known) return 0;
  return known.sure ? 3 : 2;
}

export const hidMarkerDriver = defineDriver<HidMarkerSettings>({
  id: 'hid-marker',
  title: 'Clicker, pedal or button',
  kinds: ['hid'],
  settings: hidMarkerSettingsSchema,
  fits,
  // A marker device may be silent for an hour without anything being wrong.
  silentAfterMs: Number.POSITIVE_INFINITY,
  run,
});
