/** The app's capture window: hidden, a single instance, given the door's address by the preload. */
import { ProvenSocket } from '../../electron/common/provenSocket.ts';
import type { Socket } from '../../electron/common/publisher/publisher.ts';
import { webBluetooth } from './bluetooth/webBluetooth.ts';
import { CaptureRoom } from './captureRoom.ts';

const bridge = window.fieldroom;
if (!bridge) throw new Error('This page belongs in Fieldroom’s own window.');
let address = await bridge.door();
bridge.onDoor((next) => {
  address = next;
});

const room = new CaptureRoom({
  microphoneDriftPpm: bridge.microphoneDriftPpm ?? {},
  chooseScreen: (name) => bridge.chooseScreen(name),
  screenNames: () => bridge.screenNames(),
  bluetooth: webBluetooth(bridge),
  connect: () =>
    new ProvenSocket({
      address: () => address,
      path: '/v1/ingest',
      fetch: (url, init) => fetch(url, init),
      // The publisher's `Socket` is the subset that is used; the DOM's event types are too specific to match it.
      open: (url, protocols) => new WebSocket(url, protocols) as unknown as Socket,
    }),
});
room.open();
