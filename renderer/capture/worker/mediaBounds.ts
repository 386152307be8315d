/**
 * How far the true time of a picture or a sound may be from its stamp, as far as a page can know. Constant delays in a
 * device before it stamps (exposure, USB, driver buffers) are not included: only a calibration can measure those.
 */
import { boundUs, type TimeBounds } from '../../../electron/common/wire.ts';

/** Two clocks of one computer, read one after the other, and the offset between a media clock and ours. */
const CLOCKS_NS = 1e6;

/** A static screen delivers no pictures; after this long, that is the assumed reason. */
const STILL_NS = 500e6;

/**
 * A picture is exposed during some part of a frame, and a screen may be drawn at any moment since the previous picture:
 * that gives half a frame on the early side, plus the time by which a step was longer or the frame was late, because
 * the stamp was then late too. A screen shows nothing that happens later; a camera may expose until half a frame after
 * its stamp.
 */
export function pictureBounds(of: { screen: boolean; stepNs: number; intervalNs: number; lateNs: number }): TimeBounds {
  const gapNs = Math.max(0, of.stepNs - of.intervalNs);
  const heldUpNs = (of.screen ? Math.min(gapNs, STILL_NS) : gapNs) + Math.max(0, of.lateNs);
  return {
    earlyUs: boundUs(of.intervalNs / 2 + heldUpNs + CLOCKS_NS),
    lateUs: boundUs((of.screen ? 0 : of.intervalNs / 2) + CLOCKS_NS),
  };
}

/** Stamps of sound are late, by up to this much even on an idle computer; none is early (docs/decisions/media-clocks.md). */
const LATE_NS = 3e6;
/** Initial uncertainty of a timeline in both directions, until it has followed its stamps for long enough. */
const UNSETTLED_NS = 5e6;
const SETTLED_NS = 10e9;

/** Bounds of a sound's first sample, from the stamps its timeline has seen. */
export function soundBounds(timeline: {
  spread: { earliestNs: number; middleNs: number; followedNs: number };
}): TimeBounds {
  const { earliestNs, middleNs, followedNs } = timeline.spread;
  const unsettledNs = UNSETTLED_NS * Math.max(0, 1 - followedNs / SETTLED_NS);
  return {
    earlyUs: boundUs(LATE_NS - earliestNs + unsettledNs),
    lateUs: boundUs(CLOCKS_NS + Math.max(0, middleNs) + unsettledNs),
  };
}
