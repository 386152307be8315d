/**
 * The configuration of the embedded LiveKit server, as read in the source of livekit-server v1.13.5. It is handed over
 * as one JSON text (JSON is YAML) in the environment variable `LIVEKIT_CONFIG`, so it is never a file.
 *
 * These settings keep the server off the network unless a LAN is allowed, and always off the internet:
 * - `bind_addresses` keeps the signalling (HTTP and WebSocket) on loopback. It stays there with a LAN too: the door
 *   forwards `/rtc` over its own HTTPS port, and the server's room API is never reachable from another machine.
 * - `rtc.ips.includes` is the one filter that both the UDP sockets and the ICE candidates obey.
 * - `rtc.tcp_port: 0` switches ICE-TCP off; its listener ignores every filter and binds all interfaces.
 * - `use_ice_lite` and `use_external_ip: false`: the server itself never asks a STUN server.
 * - `stun_servers` must not be empty: an empty list makes the server hand Google's and Twilio's to every client.
 *   The placeholder is the client's own loopback, discard port: nothing leaves its machine.
 */

import { isIP } from 'node:net';
import { fieldroomError } from '../../common/errors.ts';

/** STUN server given to clients, which require one: leads nowhere. */
export const stunPlaceholder = '127.0.0.1:9';

export interface LivekitPorts {
  /** Signalling: HTTP and WebSocket, TCP on loopback. */
  signal: number;
  /** All media, multiplexed on one UDP port. */
  udp: number;
  /** ICE-TCP for networks that block UDP; used only with a LAN that asks for it. */
  tcp: number;
}

/** What the researcher allows on the classroom network. */
export interface LivekitLan {
  /** This machine's own addresses (IPv4 or IPv6, no prefix) that media may use. */
  addresses: string[];
  /**
   * Offer ICE-TCP as well: opens `ports.tcp` on every interface of the machine, because the server cannot restrict it.
   */
  tcp: boolean;
}

export interface LivekitKeys {
  apiKey: string;
  apiSecret: string;
}

export interface LivekitConfigInput {
  ports: LivekitPorts;
  keys: LivekitKeys;
  lan: false | LivekitLan;
}

/** Codecs offered to publishers: all the server's own except `audio/red`, so that a microphone is plain Opus. */
const codecs = [
  'audio/opus',
  'audio/PCMU',
  'audio/PCMA',
  'video/H264',
  'video/VP8',
  'video/VP9',
  'video/AV1',
  'video/H265',
  'video/rtx',
];

/** A session's room lives until the engine deletes it; a day is longer than any session without a participant. */
const roomLifeSeconds = 86_400;

/** The configuration as an object; `livekitConfigText` is what the server reads. */
export function livekitConfig({ ports, keys, lan }: LivekitConfigInput) {
  const tcp = lan !== false && lan.tcp;
  return {
    port: ports.signal,
    bind_addresses: ['127.0.0.1'],
    rtc: {
      udp_port: ports.udp,
      tcp_port: tcp ? ports.tcp : 0,
      allow_tcp_fallback: tcp,
      use_external_ip: false,
      use_ice_lite: true,
      use_mdns: false,
      enable_loopback_candidate: true,
      stun_servers: [stunPlaceholder],
      ips: { includes: ['127.0.0.1/32', ...(lan === false ? [] : lan.addresses.map(hostCidr))] },
      // Video is never paused by the server: a viewer with a weak link must not look like a camera that failed.
      congestion_control: { enabled: true, allow_pause: false },
    },
    room: {
      // Clients that reconnect after a restart may arrive before the supervisor has recreated the room.
      auto_create: true,
      empty_timeout: roomLifeSeconds,
      departure_timeout: roomLifeSeconds,
      enabled_codecs: codecs.map((mime) => ({ mime })),
    },
    turn: { enabled: false },
    keys: { [keys.apiKey]: keys.apiSecret },
    logging: { json: true, level: 'info', pion_level: 'error' },
  };
}

/** The text for `LIVEKIT_CONFIG`. It contains the API secret: never log it, write it or put it on a command line. */
export function livekitConfigText(input: LivekitConfigInput): string {
  return JSON.stringify(livekitConfig(input));
}

/** @throws FieldroomError `livekit.bad-address` if it is not a plain address: the server would not start with it */
export function checkLan(lan: false | LivekitLan): void {
  const wrong =
    lan === false ? undefined : lan.addresses.find((address) => isIP(address) === 0 || address.includes('%'));
  if (wrong === undefined) return;
  throw fieldroomError('livekit.bad-address', { wrong }, { data: { address: wrong } });
}

/** Removes keys and tokens from a line of the server's output. It is not known to log any; this is a safeguard. */
export function withoutSecrets(line: string, { apiSecret }: LivekitKeys): string {
  return line.replaceAll(apiSecret, '(secret)').replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '(token)');
}

function hostCidr(address: string): string {
  return address.includes(':') ? `${address}/128` : `${address}/32`;
}
