/** Records clock problems in the session: sleep as a gap in every stream, everything else as events. */
import { formatDuration } from '../../common/units.ts';
import { ClockMonitor, type ClockMonitorOptions } from '../clock/clockMonitor.ts';
import type { Recorder } from './recorder.ts';

type Tell = (level: 'info' | 'warn' | 'error', code: string, message: string) => void;

export function monitorClocks(
  recorder: Recorder,
  log: Tell,
  clocks: Pick<ClockMonitorOptions, 'clock' | 'sinceBootS'>,
): ClockMonitor {
  const tell: Tell = (level, code, message) => {
    log(level, code, message);
    recorder.session?.event(level, 'engine', code, message);
  };
  const text = (ms: number): string => `${formatDuration(Math.abs(ms) * 1e6)} (minutes and seconds)`;
  return new ClockMonitor({
    ...clocks,
    onFrozen: (fromNs, toNs) =>
      tell('error', 'engine.frozen', `The recorder was frozen for ${text(Number(toNs - fromNs) / 1e6)}.`),
    onSuspended: (fromNs, toNs, sleptMs) => {
      const detail = `The machine slept for ${text(sleptMs)}.`;
      tell('error', 'machine.suspended', detail);
      recorder.gapInAll(fromNs, toNs, 'suspended', detail);
      recorder.session?.anchor();
    },
    onWallStepped: (stepMs) => {
      const way = stepMs > 0 ? 'forward' : 'back';
      tell('warn', 'clock.wall-stepped', `The clock on the wall was put ${way} by ${text(stepMs)}. No time moved.`);
      recorder.session?.anchor();
    },
  });
}
