/** A room in the LiveKit server: its participants and their tracks, and tokens to join it. */
import {
  AccessToken,
  type ParticipantInfo,
  ParticipantInfo_State,
  RoomServiceClient,
  TrackSource,
  TrackType,
  TwirpError,
} from 'livekit-server-sdk';
import { fieldroomError } from '../../common/errors.ts';
import type { LivekitKeys } from './livekitConfig.ts';

/** A live track of a participant. `name` is stable; `sid` is new after each reconnect. */
export interface LivekitTrack {
  name: string;
  kind: 'audio' | 'video' | 'data';
  sid: string;
  /** Always false for data tracks, which cannot be muted. */
  muted: boolean;
  source: 'camera' | 'microphone' | 'screen' | 'screen-audio' | 'data' | 'unknown';
  /** `video/H264`; empty for data tracks. */
  codec: string;
}

export interface LivekitParticipant {
  identity: string;
  name: string;
  /** `active` once its media connection is established. */
  state: 'joining' | 'joined' | 'active' | 'disconnected';
  attributes: Record<string, string>;
  tracks: LivekitTrack[];
}

export interface LivekitTokenOptions {
  /** A pseudonym, never a person's name. */
  identity: string;
  name?: string;
  /** Media and data tracks alike. */
  publish: boolean;
  subscribe: boolean;
  ttlSeconds: number;
  /** Attributes the participant has from the moment it joins. */
  attributes?: Record<string, string>;
  /** The participant may change its own name, metadata and attributes: the appliance, which describes its tracks there. */
  describeItself?: boolean;
  /** Not visible to other participants: it only records. */
  hidden?: boolean;
}

/** The server's current address, and the keys of this run of the appliance. */
export interface LivekitAccess extends LivekitKeys {
  /** For clients: `ws://127.0.0.1:port`. */
  url: string;
}

/** Timeout of one request to the server, whole seconds. */
const timeoutSeconds = 3;

export class LivekitRoom {
  readonly name: string;
  readonly #access: () => LivekitAccess;

  /** @param access queried for every call: the address may change when the server restarts. */
  constructor(name: string, access: () => LivekitAccess) {
    this.name = name;
    this.#access = access;
  }

  /** Creates the room if it does not exist. @throws FieldroomError `livekit.unreachable` */
  async create(): Promise<void> {
    await this.#ask((service) => service.createRoom({ name: this.name }));
  }

  /** Ends the room: its participants are disconnected. @throws FieldroomError `livekit.unreachable` */
  async delete(): Promise<void> {
    await this.#ask((service) => service.deleteRoom(this.name), undefined);
  }

  /** Whether the server has the room. @throws FieldroomError `livekit.unreachable` */
  async exists(): Promise<boolean> {
    return (await this.#ask((service) => service.listRooms([this.name]))).length > 0;
  }

  /** Everybody in the room; empty while there is no room. @throws FieldroomError `livekit.unreachable` */
  async participants(): Promise<LivekitParticipant[]> {
    return (await this.#ask((service) => service.listParticipants(this.name), [])).map(participantOf);
  }

  /**
   * A token to join this room and nothing else. It is signed with the supervisor's keys, so it stays valid after the
   * server restarts. It is a secret: never log it.
   */
  async token(options: LivekitTokenOptions): Promise<string> {
    const { apiKey, apiSecret } = this.#access();
    const token = new AccessToken(apiKey, apiSecret, {
      identity: options.identity,
      ttl: options.ttlSeconds,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
    });
    token.addGrant({
      roomJoin: true,
      room: this.name,
      canPublish: options.publish,
      canPublishData: options.publish,
      canSubscribe: options.subscribe,
      canUpdateOwnMetadata: options.describeItself ?? false,
      ...(options.hidden ? { hidden: true, recorder: true } : {}),
    });
    return token.toJwt();
  }

  /** One call; returns `absent`, if given, when the room does not exist; otherwise that is an error. */
  async #ask<T>(call: (service: RoomServiceClient) => Promise<T>, ...absent: [] | [T]): Promise<T> {
    const { url, apiKey, apiSecret } = this.#access();
    const service = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, {
      requestTimeout: timeoutSeconds,
      failover: false,
    });
    try {
      return await call(service);
    } catch (error) {
      if (error instanceof TwirpError && error.code === 'not_found' && absent.length === 1) return absent[0];
      throw fieldroomError('livekit.unreachable', {}, { data: { room: this.name }, cause: error });
    }
  }
}

const states: Record<ParticipantInfo_State, LivekitParticipant['state']> = {
  [ParticipantInfo_State.JOINING]: 'joining',
  [ParticipantInfo_State.JOINED]: 'joined',
  [ParticipantInfo_State.ACTIVE]: 'active',
  [ParticipantInfo_State.DISCONNECTED]: 'disconnected',
};

const sources: Record<TrackSource, LivekitTrack['source']> = {
  [TrackSource.UNKNOWN]: 'unknown',
  [TrackSource.CAMERA]: 'camera',
  [TrackSource.MICROPHONE]: 'microphone',
  [TrackSource.SCREEN_SHARE]: 'screen',
  [TrackSource.SCREEN_SHARE_AUDIO]: 'screen-audio',
};

function participantOf(info: ParticipantInfo): LivekitParticipant {
  const media = info.tracks.map<LivekitTrack>((track) => ({
    name: track.name,
    kind: track.type === TrackType.VIDEO ? 'video' : track.type === TrackType.AUDIO ? 'audio' : 'data',
    sid: track.sid,
    muted: track.muted,
    source: sources[track.source] ?? 'unknown',
    codec: track.mimeType,
  }));
  const data = info.dataTracks.map<LivekitTrack>((track) => ({
    name: track.name,
    kind: 'data',
    sid: track.sid,
    muted: false,
    source: 'data',
    codec: '',
  }));
  return {
    identity: info.identity,
    name: info.name,
    state: states[info.state] ?? 'disconnected',
    attributes: { ...info.attributes },
    tracks: [...media, ...data],
  };
}
