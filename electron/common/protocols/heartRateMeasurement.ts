/**
 * The Bluetooth characteristic 0x2A37 "Heart Rate Measurement" (service 0x180D), notified about once a second.
 * Pure, for the capture window (Web Bluetooth) and for Node. Source: Bluetooth SIG, "GATT Specification Supplement",
 * Heart Rate Measurement.
 */

export const HEART_RATE_SERVICE = 0x180d;
export const HEART_RATE_MEASUREMENT = 0x2a37;

const RR_TICKS_PER_S = 1024;

export interface HeartRateMeasurement {
  /** As the device computes it, beats a minute; NaN if it sends 0, which a device without a reading does. */
  heartRateBpm: number;
  /** Whether the skin is touched; null if the device does not report it. */
  contact: boolean | null;
  /** Energy spent since the last reset in kJ; null if not in this packet. */
  energyKj: number | null;
  /**
   * Intervals between beats in milliseconds, exact to 1/1024 s, oldest first (the order is inferred). Empty: no beat
   * since the last packet.
   */
  rrMs: number[];
  /** Fields that the flags announce but the packet does not fully contain: they have no value, the others are kept. */
  oddFields: number;
}

/**
 * Reads one packet.
 * @returns null if it is too short for a heart rate.
 */
export function parseHeartRateMeasurement(data: DataView): HeartRateMeasurement | null {
  if (data.byteLength < 2) return null;
  const flags = data.getUint8(0);
  // Bit 0: the rate is u16. Bit 3: energy. Bit 4: RR intervals up to the end of the packet.
  const wide = (flags & 0x01) !== 0;
  if (wide && data.byteLength < 3) return null;
  const hasEnergy = (flags & 0x08) !== 0;
  const hasRr = (flags & 0x10) !== 0;
  const energyStart = wide ? 3 : 2;
  const rrStart = energyStart + (hasEnergy ? 2 : 0);
  const rrMs: number[] = [];
  let oddFields = 0;
  if (hasEnergy && data.byteLength < rrStart) oddFields += 1;
  if (hasRr) {
    for (let at = rrStart; at + 2 <= data.byteLength; at += 2) {
      const ticks = data.getUint16(at, true);
      if (ticks > 0) rrMs.push((ticks * 1000) / RR_TICKS_PER_S);
    }
    if (data.byteLength > rrStart && (data.byteLength - rrStart) % 2 !== 0) oddFields += 1;
  }
  const bpm = wide ? data.getUint16(1, true) : data.getUint8(1);
  return {
    heartRateBpm: bpm === 0 ? Number.NaN : bpm,
    // Bit 1 (contact) is valid only while bit 2 (contact is supported) is set.
    contact: (flags & 0x04) === 0 ? null : (flags & 0x02) !== 0,
    energyKj: hasEnergy && data.byteLength >= rrStart ? data.getUint16(energyStart, true) : null,
    rrMs,
    oddFields,
  };
}
