package record

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/pion/rtp/codecs"

	"fieldroom/native/bridge/wire"
)

const (
	nalKeyPicture = 5
	nalSPS        = 7
	nalPPS        = 8
	nalDelimiter  = 9
	nalFiller     = 12
)

// h264 assembles access units with a length in front of each NAL unit; the parameter sets go into the description.
type h264 struct {
	depacketizer codecs.H264Packet
	unit         []byte
	sps, pps     [][]byte
	media        wire.Media
}

func newH264() *h264 { return &h264{depacketizer: codecs.H264Packet{IsAVC: true}} }

func (h *h264) begin() {
	h.unit = nil
	// A fragmented unit truncated by a loss must not continue in the next frame.
	h.depacketizer = codecs.H264Packet{IsAVC: true}
}

func (h *h264) add(payload []byte) error {
	part, err := h.depacketizer.Unmarshal(payload)
	h.unit = append(h.unit, part...)
	return err
}

func (h *h264) end() (picture, error) {
	out := picture{data: make([]byte, 0, len(h.unit))}
	var sps, pps [][]byte
	for at := 0; at+4 <= len(h.unit); {
		size := int(binary.BigEndian.Uint32(h.unit[at:]))
		if size == 0 || at+4+size > len(h.unit) {
			return picture{}, errCutShort
		}
		nal := h.unit[at+4 : at+4+size]
		switch nal[0] & 0x1f {
		case nalSPS:
			sps = append(sps, nal)
		case nalPPS:
			pps = append(pps, nal)
		case nalDelimiter, nalFiller:
		case nalKeyPicture:
			out.key = true
			fallthrough
		default:
			out.data = append(out.data, h.unit[at:at+4+size]...)
		}
		at += 4 + size
	}
	if len(sps) > 0 && len(pps) > 0 {
		if err := h.describe(sps, pps); err != nil {
			return picture{}, err
		}
	}
	if out.key && len(h.sps) == 0 {
		return picture{}, fmt.Errorf("a key frame came without parameter sets")
	}
	out.media = h.media
	return out, nil
}

func (h *h264) describe(sps, pps [][]byte) error {
	if sameSets(sps, h.sps) && sameSets(pps, h.pps) {
		return nil
	}
	first := sps[0]
	if len(first) < 4 {
		return errCutShort
	}
	width, height, err := spsSize(first)
	if err != nil {
		return err
	}
	h.sps, h.pps = cloneSets(sps), cloneSets(pps)
	h.media = wire.Media{
		Codec: fmt.Sprintf("avc1.%02x%02x%02x", first[1], first[2], first[3]), Width: width, Height: height,
		Description: avcC(h.sps, h.pps),
	}
	return nil
}

// avcC builds an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1) with lengths of four bytes.
func avcC(sps, pps [][]byte) []byte {
	out := []byte{1, sps[0][1], sps[0][2], sps[0][3], 0xff, 0xe0 | byte(len(sps))}
	for _, nal := range sps {
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(nal))), nal...)
	}
	out = append(out, byte(len(pps)))
	for _, nal := range pps {
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(nal))), nal...)
	}
	return out
}

func sameSets(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func cloneSets(sets [][]byte) [][]byte {
	out := make([][]byte, len(sets))
	for i, set := range sets {
		out[i] = bytes.Clone(set)
	}
	return out
}

// spsSize reads the picture size (Rec. ITU-T H.264 section 7.3.2.1.1).
func spsSize(sps []byte) (int, int, error) {
	b := &bits{bytes: bytes.ReplaceAll(sps[1:], []byte{0, 0, 3}, []byte{0, 0})}
	profile := b.u(8)
	b.u(16)
	b.ue()
	chroma := uint32(1)
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		if chroma = b.ue(); chroma == 3 {
			b.flag()
		}
		b.ue()
		b.ue()
		b.flag()
		if b.flag() {
			skipScalingLists(b, chroma)
		}
	}
	b.ue()
	switch b.ue() {
	case 0:
		b.ue()
	case 1:
		b.flag()
		b.se()
		b.se()
		for range min(b.ue(), 255) {
			b.se()
		}
	}
	b.ue()
	b.flag()
	width := (b.ue() + 1) * 16
	height := b.ue() + 1
	frameOnly := b.flag()
	if !frameOnly {
		b.flag()
		height *= 2
	}
	height *= 16
	b.flag()
	if b.flag() {
		unitX, unitY := uint32(2), uint32(2)
		if chroma == 0 || chroma == 3 {
			unitX = 1
		}
		if chroma != 1 {
			unitY = 1
		}
		if !frameOnly {
			unitY *= 2
		}
		width -= (b.ue() + b.ue()) * unitX
		height -= (b.ue() + b.ue()) * unitY
	}
	if b.err != nil || width == 0 || height == 0 || width > 16384 || height > 16384 {
		return 0, 0, fmt.Errorf("the H.264 parameter set is damaged")
	}
	return int(width), int(height), nil
}

func skipScalingLists(b *bits, chroma uint32) {
	lists := 8
	if chroma == 3 {
		lists = 12
	}
	for list := range lists {
		if !b.flag() {
			continue
		}
		size := 16
		if list >= 6 {
			size = 64
		}
		last, next := int32(8), int32(8)
		for range size {
			if next != 0 {
				next = (last + b.se() + 256) % 256
			}
			if next != 0 {
				last = next
			}
		}
	}
}
