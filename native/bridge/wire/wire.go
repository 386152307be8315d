// Package wire is the protocol between the engine and the bridge.
//
// The engine writes frames to the bridge's standard input:
//
//	u32 length of the body (little-endian) | body
//
// The first byte of the body gives its type:
//
//	'{'  an Order as JSON
//	1    an encoded packet, in the layout of electron/common/wire.ts; `publisherNs` is on the engine's clock
//	4    a frame of a data track: u8 4 | u8 0 | u16 handle | u32 0 | u64 user timestamp | payload
//
// The bridge writes frames of the same format to its standard output:
//
//	'{'  a Report as JSON
//	5    a recorded packet: u8 5 | u8 flags (1 key) | u16 handle | u32 0 | f64 timeNs | f64 mediaNs | f64 durationNs | payload
//	6    a recorded frame of a data track: u8 6 | u8 0 | u16 handle | u32 0 | f64 timeNs | u64 user timestamp | payload
//
// `timeNs` is on the engine's clock, `mediaNs` is the sender's own RTP time. Log lines go to standard error. The bridge
// ends when its standard input ends, so it never outlives the engine. The first order is `hello`, the first report
// `ready`; if their versions do not match, the bridge fails before doing anything else.
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
)

// Protocol is the version of this protocol; electron/engine/livekit/bridgeWire.ts implements the other side.
const Protocol = 1

// MaxFrame is the maximum size of a body, ample for a 4K key frame.
const MaxFrame = 16 << 20

const (
	packetKind       = 1
	dataKind         = 4
	packetHeaderSize = 40
	dataHeaderSize   = 16

	recordedKind       = 5
	recordedDataKind   = 6
	recordedHeaderSize = 32
	recordedDataSize   = 24
)

// Order is a request from the engine. Each type uses the fields listed after it.
type Order struct {
	// hello: Protocol, EngineNs, WallOffsetNs.
	// room: URL, Token (an empty URL leaves the room).
	// track: Handle, Name, Kind, Source, Codec, Description, Width, Height, Channels.
	// data: Handle, Name. untrack: Handle. mute: Handle, Muted. describe: Attributes.
	// record: URL, Token, Own, On (an empty URL leaves the room; On false watches and records nothing).
	Type string `json:"type"`

	Protocol int `json:"protocol,omitempty"`
	// EngineNs is the engine's clock when the order was written.
	EngineNs int64 `json:"engineNs,omitempty"`
	// WallOffsetNs added to the engine's clock gives Unix time; it is constant while the engine runs.
	WallOffsetNs int64 `json:"wallOffsetNs,omitempty"`

	URL   string `json:"url,omitempty"`
	Token string `json:"token,omitempty"`
	// Own lists identities that are recorded in another way: the appliance itself.
	Own []string `json:"own,omitempty"`
	On  bool     `json:"on,omitempty"`

	Handle uint16 `json:"handle,omitempty"`
	Name   string `json:"name,omitempty"`
	// Kind is `video` or `audio`.
	Kind string `json:"kind,omitempty"`
	// Source is `camera`, `microphone` or `screen`.
	Source string `json:"source,omitempty"`
	// Codec as WebCodecs names it: `avc1.4d001f`, `vp8`, `vp09.00.51.08`, `av01.0.09M.08`, `opus`.
	Codec string `json:"codec,omitempty"`
	// Description is the codec's private data (avcC); empty where the packets are complete without it.
	Description []byte            `json:"description,omitempty"`
	Width       uint32            `json:"width,omitempty"`
	Height      uint32            `json:"height,omitempty"`
	Channels    uint16            `json:"channels,omitempty"`
	Muted       bool              `json:"muted,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty"`
}

// Report is a message from the bridge. Each type uses the fields listed after it.
type Report struct {
	// ready: Protocol. failed: Code, Message (the bridge ends).
	// live: State (`connecting`, `connected`, `off`), Message.
	// published: Handle, Sid. refused: Handle, Code, Message. keyFrame: Handle. watched: Handle, Watched.
	// recorder: State, Message, as live.
	// foreign: Foreign, State (`waiting`, `recorded`, `refused`, `ended`), Code, Message.
	// stream: Handle, Foreign, Media: before the first packet of a handle, and again when Media changes.
	// gap: Handle, FromNs, ToNs, Cause, Lost. end: Handle, AtNs (in FromNs), Cause.
	// message: Foreign, Topic, Text, AtNs (in FromNs); Code `too-large` where the text was cut.
	Type     string   `json:"type"`
	Protocol int      `json:"protocol,omitempty"`
	State    string   `json:"state,omitempty"`
	Code     string   `json:"code,omitempty"`
	Message  string   `json:"message,omitempty"`
	Handle   uint16   `json:"handle"`
	Sid      string   `json:"sid,omitempty"`
	Watched  bool     `json:"watched,omitempty"`
	Foreign  *Foreign `json:"foreign,omitempty"`
	Media    *Media   `json:"media,omitempty"`
	FromNs   int64    `json:"fromNs,omitempty"`
	ToNs     int64    `json:"toNs,omitempty"`
	Cause    string   `json:"cause,omitempty"`
	Lost     int64    `json:"lost,omitempty"`
	Topic    string   `json:"topic,omitempty"`
	Text     string   `json:"text,omitempty"`
}

// Foreign is a track (or the messages) of a participant that is not the appliance.
type Foreign struct {
	Identity string `json:"identity"`
	Name     string `json:"name"`
	Sid      string `json:"sid"`
	Track    string `json:"track"`
	// Kind is `video`, `audio` or `data`.
	Kind string `json:"kind"`
	// Source is `camera`, `microphone`, `screen` or `unknown`.
	Source string `json:"source"`
	Codec  string `json:"codec"`
}

// Media is the decoder configuration of recorded packets, in WebCodecs terms.
type Media struct {
	Codec       string `json:"codec"`
	Width       int    `json:"width,omitempty"`
	Height      int    `json:"height,omitempty"`
	Description []byte `json:"description,omitempty"`
	Channels    int    `json:"channels,omitempty"`
	PreSkip     int    `json:"preSkip,omitempty"`
}

// Packet is one encoded frame of video or sound.
type Packet struct {
	Handle uint16
	Key    bool
	// Seq counts the stream's packets; a missing number is a loss.
	Seq uint64
	// TimeNs is the capture time on the engine's clock.
	TimeNs     int64
	DurationNs int64
	Data       []byte
}

// DataFrame is one message of a data track. UserTimestamp 0 means none.
type DataFrame struct {
	Handle        uint16
	UserTimestamp uint64
	Payload       []byte
}

// Frame has exactly one of its fields set.
type Frame struct {
	Order  *Order
	Packet *Packet
	Data   *DataFrame
}

// Read reads the next frame. io.EOF means that the engine has closed the pipe.
func Read(r io.Reader) (Frame, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Frame{}, err
	}
	length := binary.LittleEndian.Uint32(head[:])
	if length == 0 || length > MaxFrame {
		return Frame{}, fmt.Errorf("a frame of %d bytes is not possible", length)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return Frame{}, err
	}
	return parse(body)
}

func parse(body []byte) (Frame, error) {
	switch body[0] {
	case '{':
		order := &Order{}
		if err := json.Unmarshal(body, order); err != nil {
			return Frame{}, fmt.Errorf("an order is not valid JSON: %w", err)
		}
		return Frame{Order: order}, nil
	case packetKind:
		if len(body) < packetHeaderSize {
			return Frame{}, errors.New("a packet is cut short")
		}
		return Frame{Packet: &Packet{
			Handle:     binary.LittleEndian.Uint16(body[2:]),
			Key:        body[1]&1 == 1,
			Seq:        uint64(number(body[8:])),
			TimeNs:     int64(number(body[16:])),
			DurationNs: int64(number(body[32:])),
			Data:       body[packetHeaderSize:],
		}}, nil
	case dataKind:
		if len(body) < dataHeaderSize {
			return Frame{}, errors.New("a data frame is cut short")
		}
		return Frame{Data: &DataFrame{
			Handle:        binary.LittleEndian.Uint16(body[2:]),
			UserTimestamp: binary.LittleEndian.Uint64(body[8:]),
			Payload:       body[dataHeaderSize:],
		}}, nil
	}
	return Frame{}, fmt.Errorf("a frame of kind %d is not known", body[0])
}

func number(bytes []byte) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(bytes))
}

// WriteOrder writes an order as a frame. Only tests use it; the engine does the same in TypeScript.
func WriteOrder(w io.Writer, order Order) error {
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	return writeFrame(w, body)
}

// WritePacket writes a packet as a frame.
func WritePacket(w io.Writer, p Packet) error {
	body := make([]byte, packetHeaderSize+len(p.Data))
	body[0] = packetKind
	if p.Key {
		body[1] = 1
	}
	binary.LittleEndian.PutUint16(body[2:], p.Handle)
	for i, value := range []float64{float64(p.Seq), float64(p.TimeNs), math.NaN(), float64(p.DurationNs)} {
		binary.LittleEndian.PutUint64(body[8+8*i:], math.Float64bits(value))
	}
	copy(body[packetHeaderSize:], p.Data)
	return writeFrame(w, body)
}

// WriteData writes a data frame.
func WriteData(w io.Writer, d DataFrame) error {
	body := make([]byte, dataHeaderSize+len(d.Payload))
	body[0] = dataKind
	binary.LittleEndian.PutUint16(body[2:], d.Handle)
	binary.LittleEndian.PutUint64(body[8:], d.UserTimestamp)
	copy(body[dataHeaderSize:], d.Payload)
	return writeFrame(w, body)
}

func writeFrame(w io.Writer, body []byte) error {
	frame := make([]byte, 4+len(body))
	binary.LittleEndian.PutUint32(frame, uint32(len(body)))
	copy(frame[4:], body)
	_, err := w.Write(frame)
	return err
}

// Recorded is a packet of a recorded track.
type Recorded struct {
	Handle     uint16
	Key        bool
	TimeNs     int64
	MediaNs    int64
	DurationNs int64
	Data       []byte
}

// Reporter writes to the engine; several goroutines may use it.
type Reporter struct {
	mu sync.Mutex
	w  io.Writer
}

// NewReporter creates a reporter that writes to w.
func NewReporter(w io.Writer) *Reporter { return &Reporter{w: w} }

// Send writes one report. Errors are ignored: a closed pipe means that the engine has exited, which also ends standard input.
func (r *Reporter) Send(report Report) {
	body, err := json.Marshal(report)
	if err == nil {
		r.write(body)
	}
}

// Recorded writes one recorded packet.
func (r *Reporter) Recorded(p Recorded) {
	body := make([]byte, recordedHeaderSize+len(p.Data))
	body[0] = recordedKind
	if p.Key {
		body[1] = 1
	}
	binary.LittleEndian.PutUint16(body[2:], p.Handle)
	for i, value := range []int64{p.TimeNs, p.MediaNs, p.DurationNs} {
		binary.LittleEndian.PutUint64(body[8+8*i:], math.Float64bits(float64(value)))
	}
	copy(body[recordedHeaderSize:], p.Data)
	r.write(body)
}

// RecordedData writes one frame of a recorded data track.
func (r *Reporter) RecordedData(handle uint16, timeNs int64, userTimestamp uint64, payload []byte) {
	body := make([]byte, recordedDataSize+len(payload))
	body[0] = recordedDataKind
	binary.LittleEndian.PutUint16(body[2:], handle)
	binary.LittleEndian.PutUint64(body[8:], math.Float64bits(float64(timeNs)))
	binary.LittleEndian.PutUint64(body[16:], userTimestamp)
	copy(body[recordedDataSize:], payload)
	r.write(body)
}

func (r *Reporter) write(body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = writeFrame(r.w, body)
}
