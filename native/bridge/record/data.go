package record

import (
	"encoding/base64"
	"encoding/binary"
	"unicode/utf8"

	"github.com/livekit/protocol/livekit"

	"fieldroom/native/bridge/wire"
)

const (
	// textBytes is the maximum length of a message's text: the maximum length of a sample's text.
	textBytes = 64 << 10
	// openTexts limits the texts being received at the same time.
	openTexts     = 64
	frameBytes    = 1 << 20
	startBit      = 1 << 4
	finalBit      = 1 << 3
	extensionsBit = 1 << 2
	headerBytes   = 12
	timestampTag  = 2
)

// frames reassembles the frames of data tracks from their packets (live/datatrack.go documents the format).
type frames struct {
	handles map[uint16]*dataStream
}

type dataStream struct {
	sid       string
	handle    uint16
	announced bool
	frame     []byte
	number    uint16
	next      uint16
	stamp     uint64
	open      bool
}

func (r *Recorder) dataHandles(handles map[uint32]*livekit.DataTrackSubscriberHandles_PublishedDataTrack) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := map[uint16]*dataStream{}
	for handle, published := range handles {
		if before := r.frames.handles[uint16(handle)]; before != nil && before.sid == published.TrackSid {
			fresh[uint16(handle)] = before
			continue
		}
		fresh[uint16(handle)] = &dataStream{sid: published.TrackSid, handle: r.next}
		r.next++
	}
	r.frames.handles = fresh
}

func (r *Recorder) dataPacket(packet []byte) {
	now := r.clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || len(packet) < headerBytes {
		return
	}
	stream := r.frames.handles[binary.BigEndian.Uint16(packet[2:])]
	if stream == nil {
		return
	}
	k := r.tracks[stream.sid]
	if k == nil || !stream.take(packet) {
		return
	}
	if !stream.announced {
		stream.announced = true
		r.sink.Send(wire.Report{Type: "stream", Handle: stream.handle, Foreign: &k.foreign})
		r.sink.Send(wire.Report{Type: "foreign", Foreign: &k.foreign, State: "recorded"})
	}
	r.sink.RecordedData(stream.handle, now, stream.stamp, stream.frame)
}

// take adds a packet and returns true when its frame is complete.
func (d *dataStream) take(packet []byte) bool {
	payload, stamp, ok := dataPayload(packet)
	if !ok {
		return false
	}
	sequence, number := binary.BigEndian.Uint16(packet[4:]), binary.BigEndian.Uint16(packet[6:])
	if packet[0]&startBit != 0 {
		d.frame, d.number, d.stamp, d.open = nil, number, stamp, true
	} else if !d.open || number != d.number || sequence != d.next || len(d.frame) > frameBytes {
		d.open = false
		return false
	}
	d.next = sequence + 1
	d.frame = append(d.frame, payload...)
	if packet[0]&finalBit == 0 {
		return false
	}
	d.open = false
	return true
}

func dataPayload(packet []byte) (payload []byte, stamp uint64, ok bool) {
	at := headerBytes
	if packet[0]&extensionsBit == 0 {
		return packet[at:], 0, true
	}
	if len(packet) < at+2 {
		return nil, 0, false
	}
	end := at + (int(binary.BigEndian.Uint16(packet[at:]))+1)*4
	if end > len(packet) {
		return nil, 0, false
	}
	for at += 2; at+2 <= end && packet[at] != 0; at += 2 + int(packet[at+1]) {
		if packet[at] == timestampTag && packet[at+1] == 8 && at+10 <= end {
			stamp = binary.BigEndian.Uint64(packet[at+2:])
		}
	}
	return packet[end:], stamp, true
}

// messages are the texts and bytes that arrive in pieces, by stream id.
type messages map[string]*text

type text struct {
	identity, topic string
	content         []byte
	cut             bool
	atNs            int64
}

// message handles data packets: complete ones, and streams of text or bytes (`sendText`).
func (r *Recorder) message(packet *livekit.DataPacket) {
	now := r.clock.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || r.own[packet.ParticipantIdentity] {
		return
	}
	switch value := packet.Value.(type) {
	case *livekit.DataPacket_User:
		r.deliver(&text{
			identity: packet.ParticipantIdentity, topic: value.User.GetTopic(), content: value.User.Payload, atNs: now,
		})
	case *livekit.DataPacket_ChatMessage:
		r.deliver(&text{
			identity: packet.ParticipantIdentity, topic: "lk.chat", content: []byte(value.ChatMessage.Message), atNs: now,
		})
	case *livekit.DataPacket_StreamHeader:
		header := value.StreamHeader
		if len(r.messages) >= openTexts {
			r.log("a participant sends too many texts at once: " + packet.ParticipantIdentity)
			return
		}
		begun := &text{identity: packet.ParticipantIdentity, topic: header.Topic, content: header.InlineContent, atNs: now}
		if header.InlineContent != nil {
			r.deliver(begun)
			return
		}
		r.messages[header.StreamId] = begun
	case *livekit.DataPacket_StreamChunk:
		if open := r.messages[value.StreamChunk.StreamId]; open != nil {
			open.add(value.StreamChunk.Content)
		}
	case *livekit.DataPacket_StreamTrailer:
		if open := r.messages[value.StreamTrailer.StreamId]; open != nil {
			delete(r.messages, value.StreamTrailer.StreamId)
			r.deliver(open)
		}
	}
}

func (t *text) add(content []byte) {
	space := textBytes - len(t.content)
	if len(content) > space {
		content, t.cut = content[:space], true
	}
	t.content = append(t.content, content...)
}

func (r *Recorder) deliver(t *text) {
	if len(t.content) > textBytes {
		t.content, t.cut = t.content[:textBytes], true
	}
	for t.cut && len(t.content) > 0 && !utf8.Valid(t.content) && len(t.content) > textBytes-4 {
		t.content = t.content[:len(t.content)-1]
	}
	report := wire.Report{
		Type: "message", Foreign: &wire.Foreign{Identity: t.identity, Kind: "data"}, Topic: t.topic, Text: string(t.content), FromNs: t.atNs,
	}
	if !utf8.Valid(t.content) {
		report.Text, report.State = base64.StdEncoding.EncodeToString(t.content), "base64"
	}
	if t.cut {
		report.Code = "too-large"
	}
	r.sink.Send(report)
}
