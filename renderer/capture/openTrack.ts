/** An opened device, or its simulation. */
export interface OpenTrack {
  track: MediaStreamTrack;
  /** The system's name for the device. */
  device: string;
  simulated: boolean;
  /** Ends the track and its source. */
  stop(): void;
}
