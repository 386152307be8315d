import type { Session, WebContents } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Bluetooth } from './bluetooth.ts';

const contents = () => ({ executeJavaScript: vi.fn(async () => undefined) }) as unknown as WebContents;
const capture = contents();
const operator = contents();
const found = vi.fn();
const devices = [{ deviceId: 'AA:01', deviceName: 'Polar' }];
let bluetooth: Bluetooth;

beforeEach(() => {
  found.mockReset();
  bluetooth = new Bluetooth({
    windowOf: (one) => (one === capture ? 'capture' : 'operator'),
    found,
    log: () => undefined,
  });
});

describe('the chooser', () => {
  it('accepts only the latest answer, and only from the capture window that searched', async () => {
    await bluetooth.search(capture);
    expect(capture.executeJavaScript).toHaveBeenCalledWith('undefined', true);
    const [first, second] = [vi.fn(), vi.fn()];
    bluetooth.listed(capture, [], first);
    bluetooth.listed(capture, devices, second);
    expect(found).toHaveBeenLastCalledWith([{ id: 'AA:01', name: 'Polar' }]);
    bluetooth.pick('AA:01');
    bluetooth.pick('AA:01');
    expect(first).not.toHaveBeenCalled();
    expect(second.mock.calls).toEqual([['AA:01']]);
  });

  it('gives no device to another window, without a search, or after the search', async () => {
    const choose = vi.fn();
    bluetooth.listed(capture, devices, choose);
    await bluetooth.search(capture);
    bluetooth.listed(operator, devices, choose);
    bluetooth.pick('');
    bluetooth.listed(capture, devices, choose);
    expect(choose.mock.calls).toEqual([[''], [''], ['']]);
    expect(found).not.toHaveBeenCalled();
  });
});

describe('pairing', () => {
  type Handler = NonNullable<Parameters<Session['setBluetoothPairingHandler']>[0]>;
  const ask = (pairingKind: string, url: string): boolean | undefined => {
    let handler: Handler | null = null;
    const session = { setBluetoothPairingHandler: (given: Handler) => (handler = given) } as unknown as Session;
    bluetooth.answerPairing(session);
    let confirmed: boolean | undefined;
    const details = { deviceId: 'Polar', pairingKind, frame: { url } } as unknown as Parameters<Handler>[0];
    (handler as Handler | null)?.(details, (answer) => {
      confirmed = answer.confirmed;
    });
    return confirmed;
  };

  it('is confirmed only for a strap that the kit chose', () => {
    const page = 'app://fieldroom/capture.html';
    expect(ask('confirm', page)).toBe(false);
    bluetooth.pick('AA:01');
    expect(ask('confirm', page)).toBe(true);
    expect(ask('providePin', page)).toBe(false);
    expect(ask('confirm', 'app://fieldroom/operator.html')).toBe(false);
  });
});
