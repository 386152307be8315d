package record

import (
	"reflect"
	"time"

	"github.com/pion/rtp"

	"fieldroom/native/bridge/wire"
)

const (
	// keyFrameEvery is the minimum interval between key frame requests.
	keyFrameEvery = int64(2 * time.Second)
	// noKeyFrame is how long a track may lack a key frame before that is reported.
	noKeyFrame = int64(10 * time.Second)
	// fillInPixels: LiveKit sends a tiny picture in place of a muted or ended track.
	fillInPixels  = 16
	defaultFrame  = int64(time.Second / 30)
	longestFrame  = int64(time.Second)
	soundHole     = int64(60 * time.Millisecond)
	opusRate      = 48_000
	opusPreSkip   = 312
	opusPreSkipNs = opusPreSkip * int64(time.Second) / opusRate
	videoRate     = 90_000
)

// Sink receives the recorded packets.
type Sink interface {
	Send(wire.Report)
	Recorded(wire.Recorded)
}

// track converts a subscribed track's RTP packets to encoded packets with times; missing ones become gaps.
type track struct {
	handle     uint16
	foreign    wire.Foreign
	sink       Sink
	askKey     func()
	order      reorder
	times      rtpTimes
	pictures   pictures
	media      wire.Media
	announced  bool
	keyAskedNs int64
	beganNs    int64
	noKeyTold  bool

	// The picture being assembled.
	collecting bool
	rtpTime    uint32
	arrivedNs  int64
	damaged    bool

	// The last packet passed on, and the gap after it.
	lastNs, lastMediaNs, lastSpanNs int64
	handed                          bool
	hole                            string
	lost                            int64
	muted                           bool
}

func newTrack(handle uint16, foreign wire.Foreign, sink Sink, askKey func(), nowNs int64) *track {
	t := &track{handle: handle, foreign: foreign, sink: sink, askKey: askKey, beganNs: nowNs, keyAskedNs: nowNs - keyFrameEvery}
	t.pictures = picturesOf(foreign.Codec)
	t.times.rate = opusRate
	if t.pictures != nil {
		t.times.rate = videoRate
		t.hole = "no-key-frame"
		t.ask(nowNs)
	}
	return t
}

// push handles a packet in order of arrival.
func (t *track) push(packet *rtp.Packet, nowNs int64) {
	for _, arrived := range t.order.push(packet, nowNs) {
		if t.pictures == nil {
			t.sound(arrived)
		} else {
			t.picture(arrived)
		}
	}
	if t.pictures != nil && t.hole != "" {
		t.ask(nowNs)
	}
}

func (t *track) ask(nowNs int64) {
	if nowNs-t.keyAskedNs < keyFrameEvery {
		return
	}
	t.keyAskedNs = nowNs
	t.askKey()
	if !t.handed && !t.noKeyTold && nowNs-t.beganNs > noKeyFrame {
		t.noKeyTold = true
		t.sink.Send(wire.Report{
			Type: "foreign", Foreign: &t.foreign, State: "waiting", Code: "room.no-key-frame",
			Message: "The track sends no key frame, so nothing of it can be shown or recorded yet.",
		})
	}
}

func (t *track) picture(arrived arrival) {
	packet := arrived.packet
	if arrived.lost > 0 {
		t.miss("packets-lost", arrived.lost)
	}
	if len(packet.Payload) == 0 {
		return
	}
	if t.collecting && packet.Timestamp != t.rtpTime {
		// The packet with the marker bit is missing, or the sender does not set it.
		t.finish()
	}
	if !t.collecting {
		t.collecting, t.damaged, t.rtpTime, t.arrivedNs = true, arrived.lost > 0, packet.Timestamp, arrived.ns
		t.pictures.begin()
	} else if arrived.lost > 0 {
		t.damaged = true
	}
	if !t.damaged && t.pictures.add(packet.Payload) != nil {
		t.damaged = true
	}
	if packet.Marker {
		t.finish()
	}
}

// finish passes the picture on. After a loss it drops pictures until the next key frame, so that all recorded ones can be decoded.
func (t *track) finish() {
	t.collecting = false
	mediaNs, timeNs := t.times.at(t.rtpTime, t.arrivedNs)
	if t.damaged {
		t.miss("packets-lost", 0)
		return
	}
	made, err := t.pictures.end()
	if err != nil {
		t.miss("damaged", 0)
		return
	}
	if len(made.data) == 0 || t.hole != "" && !made.key || made.key && made.media.Width < fillInPixels {
		return
	}
	t.announce(made.media)
	t.hand(made.data, made.key, mediaNs, timeNs, t.frameSpan(mediaNs))
}

func (t *track) frameSpan(mediaNs int64) int64 {
	if passed := mediaNs - t.lastMediaNs; t.handed && passed > 0 && passed < longestFrame {
		return passed
	}
	return defaultFrame
}

func (t *track) sound(arrived arrival) {
	packet := arrived.packet
	if arrived.lost > 0 {
		t.miss("packets-lost", arrived.lost)
	}
	if len(packet.Payload) == 0 {
		return
	}
	span := opusSpan(packet.Payload)
	mediaNs, timeNs := t.times.at(packet.Timestamp, arrived.ns)
	if passed := mediaNs - opusPreSkipNs - t.lastMediaNs - t.lastSpanNs; t.handed && t.hole == "" && passed > soundHole {
		t.miss("silence-not-sent", 0)
	}
	channels := 1
	if t.media.Channels == 2 || !t.announced && packet.Payload[0]&4 != 0 {
		channels = 2
	}
	t.announce(wire.Media{Codec: "opus", Channels: channels, PreSkip: opusPreSkip})
	// A packet's time is the capture time of the first sample it decodes to, which is earlier by the encoder's delay.
	t.hand(packet.Payload, true, mediaNs-opusPreSkipNs, timeNs-opusPreSkipNs, span)
}

// miss notes a loss after the last packet passed on.
func (t *track) miss(cause string, lost int64) {
	if t.muted {
		cause = "muted"
	}
	if t.hole == "" {
		t.hole = cause
	}
	t.lost += lost
}

func (t *track) announce(media wire.Media) {
	if t.announced && reflect.DeepEqual(media, t.media) {
		return
	}
	first := !t.announced
	t.media, t.announced = media, true
	foreign := t.foreign
	t.sink.Send(wire.Report{Type: "stream", Handle: t.handle, Foreign: &foreign, Media: &media})
	if first {
		t.sink.Send(wire.Report{Type: "foreign", Foreign: &foreign, State: "recorded"})
	}
}

func (t *track) hand(data []byte, key bool, mediaNs, timeNs, spanNs int64) {
	if t.handed && t.hole != "" {
		t.sink.Send(wire.Report{
			Type: "gap", Handle: t.handle, FromNs: t.lastNs + t.lastSpanNs, ToNs: max(timeNs, t.lastNs+t.lastSpanNs),
			Cause: t.hole, Lost: t.lost,
		})
	}
	t.hole, t.lost, t.handed = "", 0, true
	t.sink.Recorded(wire.Recorded{Handle: t.handle, Key: key, TimeNs: timeNs, MediaNs: mediaNs, DurationNs: spanNs, Data: data})
	t.lastNs, t.lastMediaNs, t.lastSpanNs = timeNs, mediaNs, spanNs
}

// setMuted: gaps while a participant has muted its track are intended.
func (t *track) setMuted(muted bool) {
	if muted && t.handed && t.hole == "" {
		t.hole = "muted"
	}
	t.muted = muted
}

// opusSpan is the duration of an Opus packet by its first byte (RFC 6716 section 3.1).
func opusSpan(packet []byte) int64 {
	var frame time.Duration
	switch config := packet[0] >> 3; {
	case config < 12:
		frame = []time.Duration{10, 20, 40, 60}[config&3] * time.Millisecond
	case config < 16:
		frame = []time.Duration{10, 20}[config&1] * time.Millisecond
	default:
		frame = []time.Duration{2500, 5000, 10000, 20000}[config&3] * time.Microsecond
	}
	count := 1
	switch packet[0] & 3 {
	case 1, 2:
		count = 2
	case 3:
		if len(packet) > 1 {
			count = int(packet[1] & 0x3f)
		}
	}
	return int64(frame) * int64(count)
}
