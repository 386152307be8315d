// Package clock provides the engine's time in the bridge.
package clock

import "time"

const ntpEpoch = 2_208_988_800

// Clock is the engine's monotonic clock. Unix time is derived from it with one constant, so that a step of the wall clock
// cannot put video and sound out of sync, and session time maps to NTP time by a constant offset.
type Clock struct {
	started      time.Time
	engineNs     int64
	wallOffsetNs int64
}

// New takes the engine's current clock (engineNs) and the offset that added to it gives Unix time (wallOffsetNs).
func New(engineNs, wallOffsetNs int64) *Clock {
	return &Clock{started: time.Now(), engineNs: engineNs, wallOffsetNs: wallOffsetNs}
}

// Now is the engine's current clock in nanoseconds.
func (c *Clock) Now() int64 { return c.engineNs + int64(time.Since(c.started)) }

// NTP is the NTP time (32.32 bits, since 1900) of a time on the engine's clock.
func (c *Clock) NTP(engineNs int64) uint64 {
	unix := engineNs + c.wallOffsetNs
	seconds, rest := uint64(unix/1e9), uint64(unix%1e9)
	return (seconds+ntpEpoch)<<32 | rest<<32/1e9
}
