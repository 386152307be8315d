/** Something that is not as it should be in a session's folder. */
export interface Finding {
  /** Stable machine word: `media.packet-damaged`. */
  code: string;
  /** File, table or stream. */
  where: string;
  message: string;
}
