/**
 * The Bluetooth characteristic 0x2A37 "Heart Rate Measurement" (service 0x180D), notified about once a second.
 * Pure, for the capture window (Web Bluetooth) and for Node. Source: GATT specification, as in
 * /shared/sensor-protocols.md section 2b.
 */

export const HEART_RATE_SERVICE = 0x180d;
export const HEART_RATE_MEASUREMENT = 0x2a37;

const RR_TICKS_PER_S = 1024;

export interface HeartRateMeasurement {
  /** As the device computes it, beats a minute. */
  heartRateBpm: number;
  /** Whether the skin is touched; null where the device does not tell. */
  contact: boolean | null;
  /** Energy spent since the last reset in kJ; null where this packet has none. */
  energyKj: number | null;
  /**
   * Intervals between beats in milliseconds, exact to 1/1024 s, oldest first (the order is inferred). Empty: no beat was
   * finished since the last packet.
   */
  rrMs: number[];
}

/**
 * Reads one packet.
 * @returns null where the packet is shorter than its flags demand, or ends in half an RR interval.
 */
export function parseHeartRateMeasurement(data: DataView): HeartRateMeasurement | null {
  if (data.byteLength < 2) return null;
  const flags = data.getUint8(0);
  // Bit 0: the rate is u16. Bit 3: energy. Bit 4: RR intervals up to the end of the packet.
  const wide = (flags & 0x01) !== 0;
  const hasEnergy = (flags & 0x08) !== 0;
  const hasRr = (flags & 0x10) !== 0;
  const rrStart = (wide ? 3 : 2) + (hasEnergy ? 2 : 0);
  if (data.byteLength < rrStart) return null;
  const rrMs: number[] = [];
  if (hasRr) {
    if ((data.byteLength - rrStart) % 2 !== 0) return null;
    for (let at = rrStart; at < data.byteLength; at += 2) rrMs.push((data.getUint16(at, true) * 1000) / RR_TICKS_PER_S);
  }
  return {
    heartRateBpm: wide ? data.getUint16(1, true) : data.getUint8(1),
    // Bit 1 (contact) is valid only while bit 2 (contact is supported) is set.
    contact: (flags & 0x04) === 0 ? null : (flags & 0x02) !== 0,
    energyKj: hasEnergy ? data.getUint16(rrStart - 2, true) : null,
    rrMs,
  };
}
