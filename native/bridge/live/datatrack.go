package live

import (
	"encoding/binary"
	"math/rand/v2"
)

// Packets of LiveKit's data tracks (livekit-server v1.13.5, pkg/rtc/datatrack; livekit-client, room/data-track):
//
//	bits: version 3 | start 1 | final 1 | extensions 1 | reserved 10 || u16 handle | u16 sequence | u16 frame | u32 timestamp
//	[u16 words of extensions - 1 | per extension: u8 tag, u8 length, bytes | padding to 4 bytes] payload, big-endian
const (
	startBit          = 1 << 4
	finalBit          = 1 << 3
	extensionsBit     = 1 << 2
	dataHeaderBytes   = 12
	userTimestampTag  = 2
	extensionBytes    = 12
	dataPacketBytes   = 16_000
	dataTimestampRate = 90_000
)

type dataTrack struct {
	name      string
	handle    uint16
	published bool
	sequence  uint16
	frame     uint16
	base      uint32
}

// newDataTrack creates a data track; handles on the wire begin at 1.
func newDataTrack(handle uint16, name string) *dataTrack {
	return &dataTrack{name: name, handle: handle + 1, sequence: uint16(rand.Uint32()), frame: uint16(rand.Uint32()), base: rand.Uint32()}
}

// packetsOf splits one frame into packets. A user timestamp of 0 is left out, because clients treat it as absent.
func (d *dataTrack) packetsOf(payload []byte, userTimestamp uint64, nowNs int64) [][]byte {
	header := dataHeaderBytes
	if userTimestamp != 0 {
		header += extensionBytes
	}
	space := dataPacketBytes - header
	var packets [][]byte
	for at := 0; at < len(payload); at += space {
		part := payload[at:min(at+space, len(payload))]
		packet := make([]byte, header+len(part))
		if at == 0 {
			packet[0] |= startBit
		}
		if at+space >= len(payload) {
			packet[0] |= finalBit
		}
		binary.BigEndian.PutUint16(packet[2:], d.handle)
		binary.BigEndian.PutUint16(packet[4:], d.sequence)
		binary.BigEndian.PutUint16(packet[6:], d.frame)
		binary.BigEndian.PutUint32(packet[8:], d.base+uint32(nowNs/1000*dataTimestampRate/1_000_000))
		if userTimestamp != 0 {
			packet[0] |= extensionsBit
			binary.BigEndian.PutUint16(packet[12:], extensionBytes/4-1)
			packet[14], packet[15] = userTimestampTag, 8
			binary.BigEndian.PutUint64(packet[16:], userTimestamp)
		}
		copy(packet[header:], part)
		packets = append(packets, packet)
		d.sequence++
	}
	d.frame++
	return packets
}
