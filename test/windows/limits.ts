/** Tests that cannot pass under Wine, each with its cause. A listed test that passes is a failure of this list. */
export interface Limit {
  file: string;
  /** Full name of the test; absent: the whole file. */
  test?: string;
  cause: string;
}

const NO_FFMPEG = 'ffmpeg and ffprobe are not in the root folder';
const NO_PTY = 'Windows has no pseudo terminals; a serial port is tried as COM10 in test/portable/cycle.test.ts';
const NO_SMALL_DISK = 'the small disk of the test is a mount of Linux';

export const LIMITS: readonly Limit[] = [
  { file: 'electron/engine/store/media.test.ts', cause: NO_FFMPEG },
  {
    file: 'electron/engine/store/crash.test.ts',
    test: 'kill -9 in the middle of writing loses nothing that was acknowledged, however often, and the session continues',
    cause: NO_FFMPEG,
  },
  { file: 'electron/engine/store/diskFull.test.ts', cause: NO_SMALL_DISK },
  { file: 'devices/host/listen.test.ts', cause: NO_PTY },
  {
    file: 'devices/transports/transports.test.ts',
    test: 'serial carries bytes both ways, is locked, and ends with device.lost when the cable is pulled',
    cause: NO_PTY,
  },
  { file: 'devices/transports/transports.test.ts', test: 'serial can be closed and reopened', cause: NO_PTY },
];
