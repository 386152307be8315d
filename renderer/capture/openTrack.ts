/** A device that was opened, or what stands in for one. */
export interface OpenTrack {
  track: MediaStreamTrack;
  /** As the system names the device. */
  device: string;
  simulated: boolean;
  /** Ends the track and what feeds it. */
  stop(): void;
}
