package record

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"fieldroom/native/bridge/wire"
)

const frameNs = int64(33_333_333)

// taken is what a track passed on.
type taken struct {
	packets []wire.Recorded
	reports []wire.Report
}

func (t *taken) Send(report wire.Report)       { t.reports = append(t.reports, report) }
func (t *taken) Recorded(packet wire.Recorded) { t.packets = append(t.packets, packet) }

func (t *taken) gaps() []wire.Report {
	var gaps []wire.Report
	for _, report := range t.reports {
		if report.Type == "gap" {
			gaps = append(gaps, report)
		}
	}
	return gaps
}

// sent is one frame of a synthetic VP8 stream with its packets.
type sent struct {
	data    []byte
	key     bool
	packets []*rtp.Packet
}

func vp8Frames(count, keyEvery int) []sent {
	payloader, sequence := &codecs.VP8Payloader{}, uint16(65_500)
	frames := make([]sent, count)
	for i := range frames {
		key := i%keyEvery == 0
		data := []byte{0x11, 2, 0}
		if key {
			data = []byte{0x10, 2, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1}
		}
		data = append(data, []byte(fmt.Sprintf("frame %04d ", i))...)
		data = append(data, bytes.Repeat([]byte{byte(i)}, 2500)...)
		frames[i] = sent{data: data, key: key}
		payloads := payloader.Payload(1000, data)
		for n, payload := range payloads {
			frames[i].packets = append(frames[i].packets, &rtp.Packet{
				Header:  rtp.Header{SequenceNumber: sequence, Timestamp: 4_294_900_000 + uint32(i)*3000, Marker: n == len(payloads)-1},
				Payload: payload,
			})
			sequence++
		}
	}
	return frames
}

func video() (*track, *taken, *int) {
	got, asked := &taken{}, new(int)
	return newTrack(1, wire.Foreign{Kind: "video", Codec: "video/VP8"}, got, func() { *asked++ }, 0), got, asked
}

func TestFramesComeWholeInOrderWhateverTheNetworkDoesToTheirOrder(t *testing.T) {
	frames := vp8Frames(60, 30)
	var packets []*rtp.Packet
	for _, frame := range frames {
		packets = append(packets, frame.packets...)
	}
	// The first packet starts the sequence; after it neighbours are swapped and some are duplicated.
	for i := 1; i+2 < len(packets); i += 3 {
		packets[i], packets[i+2] = packets[i+2], packets[i]
	}
	track, got, _ := video()
	for i, packet := range packets {
		track.push(packet, int64(i)*frameNs/3)
		if rand.IntN(4) == 0 {
			track.push(packet, int64(i)*frameNs/3)
		}
	}
	if len(got.packets) != len(frames) || len(got.gaps()) != 0 {
		t.Fatalf("%d of %d frames, %d gaps", len(got.packets), len(frames), len(got.gaps()))
	}
	for i, packet := range got.packets {
		if !bytes.Equal(packet.Data, frames[i].data) || packet.Key != frames[i].key {
			t.Errorf("frame %d is not what was sent", i)
		}
		if step := packet.MediaNs - got.packets[0].MediaNs; step/1e6 != int64(i)*100/3 {
			t.Errorf("frame %d is at %d ms of the sender's clock", i, step/1e6)
		}
	}
}

func TestALostPacketCostsItsFrameAndThoseThatNeedItAndIsAGap(t *testing.T) {
	frames := vp8Frames(120, 45)
	track, got, asked := video()
	asks := *asked
	for i, frame := range frames {
		for n, packet := range frame.packets {
			if i == 50 && n == 1 {
				continue
			}
			track.push(packet, int64(i)*frameNs)
		}
	}
	var kept []int
	for _, packet := range got.packets {
		for i, frame := range frames {
			if bytes.Equal(packet.Data, frame.data) {
				kept = append(kept, i)
			}
		}
	}
	if len(kept) != len(got.packets) || len(kept) != 80 || kept[49] != 49 || kept[50] != 90 {
		t.Fatalf("kept %v", kept)
	}
	gaps := got.gaps()
	if len(gaps) != 1 || gaps[0].Cause != "packets-lost" || gaps[0].Lost != 1 {
		t.Fatalf("gaps %+v", gaps)
	}
	if gaps[0].FromNs != got.packets[49].TimeNs+got.packets[49].DurationNs || gaps[0].ToNs != got.packets[50].TimeNs {
		t.Errorf("the gap is %d to %d", gaps[0].FromNs, gaps[0].ToNs)
	}
	if *asked == asks {
		t.Error("no key frame was asked for")
	}
}

func TestNothingIsKeptBeforeTheFirstKeyFrame(t *testing.T) {
	frames := vp8Frames(60, 30)
	track, got, asked := video()
	for i, frame := range frames[10:] {
		for _, packet := range frame.packets {
			track.push(packet, int64(i)*frameNs)
		}
	}
	if len(got.packets) != 30 || !got.packets[0].Key || len(got.gaps()) != 0 {
		t.Errorf("%d packets, gaps %+v", len(got.packets), got.gaps())
	}
	if *asked == 0 {
		t.Error("no key frame was asked for")
	}
}

func TestAnotherSizeIsToldBeforeItsFirstPacket(t *testing.T) {
	frames := vp8Frames(2, 1)
	frames[1].packets[0].Payload[7] = 0x40
	track, got, _ := video()
	for i, frame := range frames {
		for _, packet := range frame.packets {
			track.push(packet, int64(i)*frameNs)
		}
	}
	var widths []int
	for _, report := range got.reports {
		if report.Type == "stream" {
			widths = append(widths, report.Media.Width)
		}
	}
	if len(widths) != 2 || widths[0] != 640 || widths[1] == 640 {
		t.Errorf("the widths are %v", widths)
	}
}

func opus(i int, sequence uint16, samples uint32) *rtp.Packet {
	return &rtp.Packet{Header: rtp.Header{SequenceNumber: sequence, Timestamp: samples}, Payload: []byte{0x78, byte(i), 1, 2}}
}

func TestSilenceThatWasNotSentIsAGapWithoutALoss(t *testing.T) {
	got := &taken{}
	track := newTrack(2, wire.Foreign{Kind: "audio", Codec: "audio/opus"}, got, func() {}, 0)
	for i := range 10 {
		track.push(opus(i, uint16(i), uint32(i)*960), int64(i)*20e6)
	}
	for i := range 10 {
		track.push(opus(i, uint16(10+i), uint32(60+i)*960), int64(60+i)*20e6)
	}
	if gaps := got.gaps(); len(got.packets) != 20 || len(gaps) != 1 || gaps[0].Cause != "silence-not-sent" || gaps[0].Lost != 0 || gaps[0].ToNs-gaps[0].FromNs != 1e9 {
		t.Errorf("%d packets, gaps %+v", len(got.packets), gaps)
	}
}

func TestLostSoundIsCounted(t *testing.T) {
	got := &taken{}
	track := newTrack(2, wire.Foreign{Kind: "audio", Codec: "audio/opus"}, got, func() {}, 0)
	for i := range 100 {
		if i < 20 || i > 24 {
			track.push(opus(i, uint16(i), uint32(i)*960), int64(i)*20e6)
		}
	}
	if gaps := got.gaps(); len(got.packets) != 95 || len(gaps) != 1 || gaps[0].Cause != "packets-lost" || gaps[0].Lost != 5 || gaps[0].ToNs-gaps[0].FromNs != 100e6 {
		t.Errorf("%d packets, gaps %+v", len(got.packets), gaps)
	}
}

func TestHeadersGiveTheSize(t *testing.T) {
	sps := []byte{0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0f, 0x03, 0xc6, 0x0c, 0xa8}
	if width, height, err := spsSize(sps); width != 1280 || height != 720 || err != nil {
		t.Errorf("H.264: %d x %d, %v", width, height, err)
	}
	if media, err := vp9Media([]byte{0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x16, 0x70}); media.Width != 640 || media.Height != 360 || err != nil {
		t.Errorf("VP9: %+v, %v", media, err)
	}
	// Profile 0, level 1, nine bits each for 352x288.
	if media, err := av1Media([]byte{0x00, 0x00, 0x00, 0x0c, 0x45, 0x7e, 0x3e}); media.Width != 352 || media.Height != 288 || err != nil {
		t.Errorf("AV1: %+v, %v", media, err)
	}
}

func FuzzPictures(f *testing.F) {
	for _, codec := range []string{"video/H264", "video/VP8", "video/VP9", "video/AV1"} {
		f.Add(codec, []byte{0x67, 0x42, 0xc0, 0x1f, 1, 2, 3})
	}
	f.Fuzz(func(_ *testing.T, codec string, payload []byte) {
		made := picturesOf(codec)
		if made == nil {
			return
		}
		made.begin()
		_ = made.add(payload)
		_, _ = made.end()
		_, _, _ = dataPayload(append(make([]byte, headerBytes), payload...))
	})
}
