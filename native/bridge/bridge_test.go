package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"fieldroom/native/bridge/wire"
)

// engine acts as the engine for one bridge, which runs in this process.
type engine struct {
	t       *testing.T
	in      *io.PipeWriter
	reports chan wire.Report
	packets chan wire.Recorded
	data    chan []byte
}

// began is time zero of the clock that all engines of the tests share.
var began = time.Now()

func startBridge(t *testing.T) *engine {
	t.Helper()
	inRead, inWrite := io.Pipe()
	outRead, outWrite := io.Pipe()
	e := &engine{
		t: t, in: inWrite, reports: make(chan wire.Report, 1000), packets: make(chan wire.Recorded, 10_000),
		data: make(chan []byte, 1000),
	}
	ended := make(chan error, 1)
	go func() { ended <- run(inRead, wire.NewReporter(outWrite), func(line string) { t.Log(line) }) }()
	go e.listen(outRead)
	t.Cleanup(func() {
		_ = inWrite.Close()
		if err := <-ended; err != nil {
			t.Errorf("the bridge ended with %v", err)
		}
	})
	e.order(wire.Order{Type: "hello", Protocol: wire.Protocol, EngineNs: e.now(), WallOffsetNs: began.UnixNano()})
	e.await("ready", nil)
	return e
}

func (e *engine) listen(r io.Reader) {
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		body := make([]byte, binary.LittleEndian.Uint32(head[:]))
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		switch body[0] {
		case '{':
			var report wire.Report
			_ = json.Unmarshal(body, &report)
			e.reports <- report
		case 5:
			number := func(at int) int64 { return int64(math.Float64frombits(binary.LittleEndian.Uint64(body[at:]))) }
			e.packets <- wire.Recorded{
				Handle: binary.LittleEndian.Uint16(body[2:]), Key: body[1] == 1,
				TimeNs: number(8), MediaNs: number(16), DurationNs: number(24), Data: body[32:],
			}
		case 6:
			e.data <- body[24:]
		}
	}
}

func (e *engine) order(order wire.Order) {
	e.t.Helper()
	if err := wire.WriteOrder(e.in, order); err != nil {
		e.t.Fatal(err)
	}
}

func (e *engine) now() int64 { return int64(time.Since(began)) }

func (e *engine) await(kind string, is func(wire.Report) bool) wire.Report {
	e.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case report := <-e.reports:
			if report.Type == "refused" || report.Type == "failed" {
				e.t.Fatalf("the bridge reported %+v", report)
			}
			if report.Type == kind && (is == nil || is(report)) {
				return report
			}
		case <-timeout:
			e.t.Fatalf("the bridge did not report %q", kind)
		}
	}
}

// stream is a synthetic stream of one codec. Its frames are random, so that a wrong byte is noticed.
type stream struct {
	codec       string
	description []byte
	make        func(key bool, body []byte) []byte
	width       int
}

var sps = []byte{0x67, 0x42, 0xc0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0f, 0x03, 0xc6, 0x0c, 0xa8}
var pps = []byte{0x68, 0xce, 0x0f, 0xc8}

func avcCOf(sps, pps []byte) []byte {
	out := []byte{1, sps[1], sps[2], sps[3], 0xff, 0xe1, 0, byte(len(sps))}
	out = append(append(out, sps...), 1, 0, byte(len(pps)))
	return append(out, pps...)
}

func lengthAndNal(kind byte, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)+1))
	return append(append(out, kind), body...)
}

var streams = map[string]stream{
	"h264": {codec: "avc1.42c01f", description: avcCOf(sps, pps), width: 1280, make: func(key bool, body []byte) []byte {
		if key {
			return lengthAndNal(0x65, body)
		}
		return lengthAndNal(0x41, body)
	}},
	"vp8": {codec: "vp8", width: 640, make: func(key bool, body []byte) []byte {
		if key {
			return append([]byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}, body...)
		}
		return append([]byte{0x11, 0x02, 0x00}, body...)
	}},
	"vp9": {codec: "vp09.00.51.08", width: 640, make: func(key bool, body []byte) []byte {
		if key {
			// marker 2, profile 0, key frame, shown; sync code; color space 1; 640x360.
			return append([]byte{0x82, 0x49, 0x83, 0x42, 0x20, 0x27, 0xf0, 0x16, 0x70}, body...)
		}
		return append([]byte{0x86}, body...)
	}},
}

// body is random, without byte patterns that have a meaning in a codec's syntax.
func body(size int) []byte {
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(rand.IntN(200) + 4)
	}
	return out
}

func TestPublishedTracksAreRecordedByteForByte(t *testing.T) {
	for name, made := range streams {
		t.Run(name, func(t *testing.T) {
			address := startServer(t)
			publisher, recorder := startBridge(t), startBridge(t)
			recorder.order(wire.Order{Type: "record", URL: address, Token: token(t, "recorder", true), On: true})
			publisher.order(wire.Order{Type: "track", Handle: 3, Name: "cam-1", Kind: "video", Source: "camera", Codec: made.codec, Description: made.description, Width: 1280, Height: 720})
			publisher.order(wire.Order{Type: "track", Handle: 4, Name: "mic-1", Kind: "audio", Source: "microphone", Codec: "opus", Channels: 1})
			publisher.order(wire.Order{Type: "room", URL: address, Token: token(t, "appliance", false)})
			publisher.await("live", func(r wire.Report) bool { return r.State == "connected" })

			const recorded = 40
			sent := map[string]int64{}
			wanted, stop := make(chan bool, 100), make(chan bool)
			go forwardKeyFrames(publisher, wanted, stop)
			defer close(stop)
			var got []wire.Recorded
			videoHandle := -1
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			deadline := time.After(30 * time.Second)
			for seq := uint64(0); len(got) < recorded; {
				select {
				case <-deadline:
					t.Fatalf("%d pictures were recorded", len(got))
				case report := <-recorder.reports:
					if report.Type == "stream" && report.Foreign.Kind == "video" {
						videoHandle = int(report.Handle)
						if report.Media.Width != made.width || report.Foreign.Track != "cam-1" || report.Foreign.Identity != "appliance" {
							t.Errorf("the stream is announced as %+v %+v", report.Media, report.Foreign)
						}
					}
				case packet := <-recorder.packets:
					if int(packet.Handle) == videoHandle {
						got = append(got, packet)
					}
				case <-ticker.C:
					key := false
					select {
					case key = <-wanted:
					default:
					}
					size := 3000
					if key {
						size = 60_000
					}
					data, at := made.make(key, body(size)), publisher.now()
					sent[string(data)] = at
					_ = wire.WritePacket(publisher.in, wire.Packet{Handle: 3, Key: key, Seq: seq, TimeNs: at, DurationNs: 20e6, Data: data})
					_ = wire.WritePacket(publisher.in, wire.Packet{Handle: 4, Key: true, Seq: seq, TimeNs: at, DurationNs: 20e6, Data: append([]byte{0xfc}, body(80)...)})
					seq++
				}
			}
			if !got[0].Key {
				t.Error("the first recorded picture is not a key frame")
			}
			checkTimes(t, got, sent)
		})
	}
}

// forwardKeyFrames answers the bridge's requests with key frames, as a camera's encoder does.
func forwardKeyFrames(e *engine, wanted chan<- bool, stop <-chan bool) {
	for {
		select {
		case <-stop:
			return
		case report := <-e.reports:
			if report.Type == "keyFrame" {
				wanted <- true
			}
		}
	}
}

func checkTimes(t *testing.T, got []wire.Recorded, sent map[string]int64) {
	t.Helper()
	first := sent[string(got[0].Data)]
	for i, packet := range got {
		at, known := sent[string(packet.Data)]
		if !known {
			t.Fatalf("picture %d does not match any that was sent (%d bytes)", i, len(packet.Data))
		}
		// RTP video clocks run at 90 kHz, so media times are exact to one tick.
		if off := (packet.MediaNs - got[0].MediaNs) - (at - first); off > 12_000 || off < -12_000 {
			t.Errorf("picture %d is %d ns off", i, off)
		}
		if packet.TimeNs < at {
			t.Errorf("picture %d has a time before its capture", i)
		}
	}
}

func TestSensorsAreDataTracks(t *testing.T) {
	address := startServer(t)
	publisher, recorder := startBridge(t), startBridge(t)
	recorder.order(wire.Order{Type: "record", URL: address, Token: token(t, "recorder", true), On: true})
	publisher.order(wire.Order{Type: "data", Handle: 9, Name: "pulse"})
	publisher.order(wire.Order{Type: "room", URL: address, Token: token(t, "appliance", false)})
	publisher.await("published", func(r wire.Report) bool { return r.Handle == 9 })
	small, large := []byte(`{"t":[1],"v":[[60]]}`), bytes.Repeat([]byte("0123456789"), 4000)
	deadline := time.After(20 * time.Second)
	for seen := 0; seen != 3; {
		_ = wire.WriteData(publisher.in, wire.DataFrame{Handle: 9, UserTimestamp: 5, Payload: small})
		_ = wire.WriteData(publisher.in, wire.DataFrame{Handle: 9, UserTimestamp: 6, Payload: large})
		select {
		case frame := <-recorder.data:
			switch {
			case bytes.Equal(frame, small):
				seen |= 1
			case bytes.Equal(frame, large):
				seen |= 2
			default:
				t.Fatalf("a frame of %d bytes does not match any that was sent", len(frame))
			}
		case <-time.After(100 * time.Millisecond):
		case <-deadline:
			t.Fatal("no frames arrived on the data track")
		}
	}
}

func TestABridgeOfAnotherVersionIsAClearError(t *testing.T) {
	var in, out bytes.Buffer
	_ = wire.WriteOrder(&in, wire.Order{Type: "hello", Protocol: wire.Protocol + 1})
	err := run(&in, wire.NewReporter(&out), func(string) {})
	if err == nil || !strings.Contains(err.Error(), "install both from one build") {
		t.Errorf("the error is %v", err)
	}
}
