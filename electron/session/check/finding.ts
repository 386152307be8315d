/** A problem found in a session's folder. */
export interface Finding {
  /** Stable code: `media.packet-damaged`. */
  code: string;
  /** File, table or stream. */
  where: string;
  message: string;
}
