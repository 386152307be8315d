/** Drivers as a technician calls their devices. */
import { t } from '../../components/words.ts';

export const DRIVER_WORDS: Readonly<Record<string, string>> = {
  lines: t('driver.lines'),
  'pulse-lines': t('driver.pulse-lines'),
  nmea: t('driver.nmea'),
  pozyx: t('driver.pozyx'),
  'pozyx-lines': t('driver.pozyx-lines'),
  'pozyx-mqtt': t('driver.pozyx-mqtt'),
  'ant-heart-rate': t('driver.ant-heart-rate'),
  'ble-heart-rate': t('driver.ble-heart-rate'),
  'go-direct': t('driver.go-direct'),
  'hid-marker': t('driver.hid-marker'),
};

const BY_KIND: Readonly<Record<string, readonly string[]>> = {
  serial: ['lines', 'pulse-lines', 'nmea', 'pozyx', 'pozyx-lines', 'ant-heart-rate'],
  hid: ['hid-marker', 'go-direct'],
  mqtt: ['pozyx-mqtt'],
  tcp: ['lines', 'pulse-lines', 'nmea', 'pozyx-lines'],
  udp: ['lines', 'pulse-lines', 'nmea', 'pozyx-lines'],
  ble: ['ble-heart-rate'],
};

/** @param now the driver in use: shown also when it is not known here (a kit from elsewhere) */
export function driversFor(kind: string, now: string): string[] {
  const known = BY_KIND[kind] ?? [];
  return known.includes(now) ? [...known] : [...known, now];
}
