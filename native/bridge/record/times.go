package record

// rtpTimes gives the packets of one track their times.
//
// The sender's RTP clock runs evenly; arrivals are late by what the way cost each of them. The smallest difference of
// arrival and RTP time within the last windows is the way at its best, so a picture's time is its RTP time plus that: free
// of jitter, and later than the capture by the constant part of the way (encoding, network and server), which nothing here
// can know.
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
		// The first packet, or the sender's clock was set anew.
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
