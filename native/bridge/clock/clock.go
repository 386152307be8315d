// Package clock tells the engine's time in the bridge.
package clock

import "time"

const ntpEpoch = 2_208_988_800

// Clock is the engine's monotonic clock. Unix time is tied to it once: a step of the wall clock must not tear pictures and
// sound apart, and session time maps to NTP time by one constant.
type Clock struct {
	started      time.Time
	engineNs     int64
	wallOffsetNs int64
}

// New: engineNs is the engine's clock now, wallOffsetNs added to it gives Unix time.
func New(engineNs, wallOffsetNs int64) *Clock {
	return &Clock{started: time.Now(), engineNs: engineNs, wallOffsetNs: wallOffsetNs}
}

// Now is the engine's clock now, nanoseconds.
func (c *Clock) Now() int64 { return c.engineNs + int64(time.Since(c.started)) }

// NTP is the NTP time (32.32 bits, since 1900) of a time on the engine's clock.
func (c *Clock) NTP(engineNs int64) uint64 {
	unix := engineNs + c.wallOffsetNs
	seconds, rest := uint64(unix/1e9), uint64(unix%1e9)
	return (seconds+ntpEpoch)<<32 | rest<<32/1e9
}
