package live

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"fieldroom/native/bridge/clock"
	"fieldroom/native/bridge/room"
	"fieldroom/native/bridge/wire"
)

const (
	payloadBytes = 1180
	videoRate    = 90_000
	audioRate    = 48_000
	// soundHole: a break in the capture times larger than this is a gap in the sound; smaller ones are drift between two
	// clocks, which the sender reports convey.
	soundHole = 100 * time.Millisecond
	// keyFrameEvery is the minimum interval between key frame requests for one track.
	keyFrameEvery = time.Second
)

// track converts a stream's packets to RTP. It outlives the connection it is bound to.
type track struct {
	order     wire.Order
	mimeType  string
	rate      int64
	payloader rtp.Payloader
	avc       avcDescription
	clock     *clock.Clock
	// askKeyFrame is called at most every keyFrameEvery.
	askKeyFrame func()

	mu          sync.Mutex
	writer      webrtc.TrackLocalWriter
	ssrc        uint32
	payloadType uint8
	captureExt  uint8
	sequence    uint16
	rtpBase     uint32
	rtpTime     uint32
	lastSeq     uint64
	lastNs      int64
	lastSpanNs  int64
	begun       bool
	needsKey    bool
	packets     uint32
	octets      uint32
	asked       time.Time
	// publication belongs to the current connection; nil while there is none.
	publication *room.Publication
	muted       bool
}

// newTrack fails for codecs that LiveKit does not support.
func newTrack(order wire.Order, clock *clock.Clock) (*track, error) {
	t := &track{order: order, clock: clock, rate: videoRate, sequence: uint16(rand.Uint32()), rtpBase: rand.Uint32(), muted: order.Muted}
	switch codec := strings.ToLower(order.Codec); {
	case strings.HasPrefix(codec, "avc1"), strings.HasPrefix(codec, "avc3"):
		t.mimeType, t.payloader = webrtc.MimeTypeH264, &codecs.H264Payloader{}
	case strings.HasPrefix(codec, "vp8"):
		t.mimeType, t.payloader = webrtc.MimeTypeVP8, &codecs.VP8Payloader{EnablePictureID: true}
	case strings.HasPrefix(codec, "vp09"), strings.HasPrefix(codec, "vp9"):
		t.mimeType, t.payloader = webrtc.MimeTypeVP9, &codecs.VP9Payloader{}
	case strings.HasPrefix(codec, "av01"):
		t.mimeType, t.payloader = webrtc.MimeTypeAV1, &codecs.AV1Payloader{}
	case codec == "opus":
		t.mimeType, t.payloader, t.rate = webrtc.MimeTypeOpus, &codecs.OpusPayloader{}, audioRate
	default:
		return nil, fmt.Errorf("the live room does not support %s", order.Codec)
	}
	return t, t.describe(order)
}

// describe applies a new description of the same codec.
func (t *track) describe(order wire.Order) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.order = order
	if t.mimeType != webrtc.MimeTypeH264 {
		return nil
	}
	avc, err := parseAvcC(order.Description)
	if err == nil {
		t.avc = avc
	}
	return err
}

func (t *track) isVideo() bool { return t.rate == videoRate }

// write sends one packet. After a loss it skips packets until the next key frame, because they could not be decoded.
func (t *track) write(packet *wire.Packet) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	hole := t.begun && packet.Seq != t.lastSeq+1
	t.advance(packet, hole)
	if t.isVideo() {
		if hole || t.writer == nil {
			t.needsKey = true
		}
		if packet.Key {
			t.needsKey = t.writer == nil
		}
		if t.needsKey {
			if t.writer != nil {
				t.askLocked()
			}
			return nil
		}
	}
	if t.writer == nil || t.muted {
		return nil
	}
	data := packet.Data
	if t.mimeType == webrtc.MimeTypeH264 {
		var err error
		if data, err = t.avc.annexB(data, packet.Key); err != nil {
			return err
		}
	}
	payloads := t.payloader.Payload(payloadBytes, data)
	for i, payload := range payloads {
		t.send(payload, i == len(payloads)-1, i == 0, hole, packet.TimeNs)
	}
	return nil
}

// advance sets the packet's RTP time. Video follows the capture clock. Sound follows its own sample count, because listeners
// need it continuous; the sender reports relate that count to the capture clock.
func (t *track) advance(packet *wire.Packet, hole bool) {
	if t.isVideo() {
		t.rtpTime = t.rtpBase + uint32(packet.TimeNs/1000*9/100)
	} else if !t.begun {
		t.rtpTime = t.rtpBase
	} else {
		span := t.lastSpanNs
		passed := packet.TimeNs - t.lastNs
		if hole || passed > span+int64(soundHole) || passed < 0 {
			span = max(passed, 0)
		}
		t.rtpTime += uint32((span*audioRate + 5e8) / 1e9)
	}
	t.begun, t.lastSeq, t.lastNs, t.lastSpanNs = true, packet.Seq, packet.TimeNs, packet.DurationNs
}

func (t *track) send(payload []byte, last, first, hole bool, timeNs int64) {
	packet := &rtp.Packet{
		Header: rtp.Header{
			Version:        2,
			Marker:         last && t.isVideo() || first && hole && !t.isVideo(),
			PayloadType:    t.payloadType,
			SequenceNumber: t.sequence,
			Timestamp:      t.rtpTime,
			SSRC:           t.ssrc,
		},
		Payload: payload,
	}
	t.sequence++
	if first && t.captureExt != 0 {
		var ntp [8]byte
		binary.BigEndian.PutUint64(ntp[:], t.clock.NTP(timeNs))
		_ = packet.SetExtension(t.captureExt, ntp[:])
	}
	t.packets++
	t.octets += uint32(len(payload))
	_, _ = t.writer.WriteRTP(&packet.Header, packet.Payload)
}

// senderReport relates RTP time to the capture clock at this moment.
func (t *track) senderReport() *rtcp.SenderReport {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.writer == nil || t.packets == 0 {
		return nil
	}
	now := t.clock.Now()
	return &rtcp.SenderReport{
		SSRC:        t.ssrc,
		NTPTime:     t.clock.NTP(now),
		RTPTime:     t.rtpTime + uint32((now-t.lastNs)/1000*t.rate/1_000_000),
		PacketCount: t.packets,
		OctetCount:  t.octets,
	}
}

func (t *track) wantKeyFrame() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.askLocked()
}

func (t *track) askLocked() {
	if !t.isVideo() || time.Since(t.asked) < keyFrameEvery {
		return
	}
	t.asked = time.Now()
	t.askKeyFrame()
}

// Bind, Unbind, ID, RID, StreamID and Kind implement webrtc.TrackLocal.
func (t *track) Bind(ctx webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codec, found := choose(ctx.CodecParameters(), t.mimeType, t.order.Codec)
	if !found {
		return webrtc.RTPCodecParameters{}, fmt.Errorf("the LiveKit server does not support %s", t.mimeType)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writer, t.ssrc, t.payloadType = ctx.WriteStream(), uint32(ctx.SSRC()), uint8(codec.PayloadType)
	t.captureExt, t.packets, t.octets = 0, 0, 0
	for _, extension := range ctx.HeaderExtensions() {
		if extension.URI == room.AbsCaptureTimeURI {
			t.captureExt = uint8(extension.ID)
		}
	}
	t.needsKey = t.isVideo()
	t.askLocked()
	return codec, nil
}

// choose prefers the stream's own profile if it is offered; a decoder reads the actual one from the stream anyway.
func choose(offered []webrtc.RTPCodecParameters, mimeType, codec string) (webrtc.RTPCodecParameters, bool) {
	var best webrtc.RTPCodecParameters
	found := 0
	for _, candidate := range offered {
		if !strings.EqualFold(candidate.MimeType, mimeType) {
			continue
		}
		points := 1
		if mimeType == webrtc.MimeTypeH264 {
			if !strings.Contains(candidate.SDPFmtpLine, "packetization-mode=1") {
				continue
			}
			if len(codec) >= 9 && strings.Contains(candidate.SDPFmtpLine, "profile-level-id="+strings.ToLower(codec[5:9])) {
				points = 2
			}
		}
		if points > found {
			best, found = candidate, points
		}
	}
	return best, found > 0
}

func (t *track) Unbind(webrtc.TrackLocalContext) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writer = nil
	return nil
}

func (t *track) ID() string       { return fmt.Sprintf("fieldroom-%d", t.order.Handle) }
func (t *track) RID() string      { return "" }
func (t *track) StreamID() string { return t.order.Name }
func (t *track) Kind() webrtc.RTPCodecType {
	if t.isVideo() {
		return webrtc.RTPCodecTypeVideo
	}
	return webrtc.RTPCodecTypeAudio
}

func (t *track) request() *livekit.AddTrackRequest {
	t.mu.Lock()
	defer t.mu.Unlock()
	request := &livekit.AddTrackRequest{
		Name: t.order.Name, Type: livekit.TrackType_AUDIO, Source: sourceOf(t.order.Source), Muted: t.muted,
		DisableRed: true, Stream: t.order.Name,
		SimulcastCodecs: []*livekit.SimulcastCodec{{Codec: strings.ToLower(t.mimeType[strings.Index(t.mimeType, "/")+1:]), Cid: t.ID()}},
	}
	if t.isVideo() {
		request.Type, request.Width, request.Height = livekit.TrackType_VIDEO, t.order.Width, t.order.Height
		request.Layers = []*livekit.VideoLayer{{Quality: livekit.VideoQuality_HIGH, Width: t.order.Width, Height: t.order.Height}}
	} else {
		request.AudioFeatures = []livekit.AudioTrackFeature{livekit.AudioTrackFeature_TF_NO_DTX}
		if t.order.Channels == 2 {
			request.AudioFeatures = append(request.AudioFeatures, livekit.AudioTrackFeature_TF_STEREO)
		}
	}
	return request
}

func sourceOf(name string) livekit.TrackSource {
	switch name {
	case "camera":
		return livekit.TrackSource_CAMERA
	case "microphone":
		return livekit.TrackSource_MICROPHONE
	case "screen":
		return livekit.TrackSource_SCREEN_SHARE
	}
	return livekit.TrackSource_UNKNOWN
}
