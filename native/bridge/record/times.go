package record

// rtpTimes computes the times of one track's packets.
//
// The sender's RTP clock runs evenly, but each packet arrives with a different delay. The smallest difference between
// arrival and RTP time in the last windows is the minimum delay, so a frame's time is its RTP time plus that difference. This
// removes jitter. The time is later than the capture by the constant part of the delay (encoding, network and server), which
// cannot be measured here.
type rtpTimes struct {
	rate    int64
	begun   bool
	last    uint32
	ticks   int64
	window  int64
	best    [2]int64
	lastNs  int64
	mediaNs int64
}

const envelopeWindow = int64(5e9)

// at returns the media's own time and the time on the engine's clock, both in nanoseconds.
func (r *rtpTimes) at(rtp uint32, arrivalNs int64) (mediaNs, timeNs int64) {
	if !r.begun {
		r.ticks = int64(rtp)
	} else {
		r.ticks += int64(int32(rtp - r.last))
	}
	r.last = rtp
	mediaNs = r.ticks/r.rate*1e9 + r.ticks%r.rate*1e9/r.rate
	difference := arrivalNs - mediaNs
	if !r.begun || difference > r.best[0]+int64(2e9) {
		// The first packet, or the sender's clock was reset.
		r.best, r.window = [2]int64{difference, difference}, arrivalNs
	} else if arrivalNs-r.window > envelopeWindow {
		r.best, r.window = [2]int64{difference, r.best[0]}, arrivalNs
	}
	r.best[0] = min(r.best[0], difference)
	timeNs = mediaNs + min(r.best[0], r.best[1])
	if r.begun && mediaNs > r.mediaNs {
		timeNs = max(timeNs, r.lastNs+1)
	}
	r.begun, r.mediaNs, r.lastNs = true, mediaNs, timeNs
	return mediaNs, timeNs
}
