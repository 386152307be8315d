/** The room's own connection to the door's ingest: it is treated like every publisher. */
import { WebSocket } from 'ws';
import { type DoorAddress, socketAddress } from '../../common/doorClient.ts';
import type { Socket } from '../../common/publisher/publisher.ts';
import { MAX_MESSAGE_BYTES } from '../../common/wire.ts';

export function roomSocket(address: DoorAddress): Socket {
  const { url, protocols } = socketAddress(address, '/v1/ingest');
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  // Without a listener an error of `ws` ends the process; `onclose` follows it.
  socket.on('error', () => undefined);
  // The publisher's `Socket` type covers the part that is used.
  return socket as unknown as Socket;
}
