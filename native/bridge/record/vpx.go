package record

import (
	"fmt"

	"github.com/pion/rtp/codecs"

	"fieldroom/native/bridge/wire"
)

// vp8 assembles VP8 frames (RFC 7741, RFC 6386 section 9.1).
type vp8 struct {
	frame []byte
	media wire.Media
}

func (v *vp8) begin() { v.frame = nil }

func (v *vp8) add(payload []byte) error {
	part, err := (&codecs.VP8Packet{}).Unmarshal(payload)
	v.frame = append(v.frame, part...)
	return err
}

func (v *vp8) end() (picture, error) {
	if len(v.frame) < 3 {
		return picture{}, errCutShort
	}
	key := v.frame[0]&1 == 0
	if key {
		if len(v.frame) < 10 || v.frame[3] != 0x9d || v.frame[4] != 0x01 || v.frame[5] != 0x2a {
			return picture{}, errCutShort
		}
		v.media = wire.Media{
			Codec:  "vp8",
			Width:  int(v.frame[6]) | int(v.frame[7]&0x3f)<<8,
			Height: int(v.frame[8]) | int(v.frame[9]&0x3f)<<8,
		}
	}
	return picture{data: v.frame, key: key, media: v.media}, nil
}

// vp9 assembles VP9 frames; the spatial layers of one picture become a superframe (VP9 bitstream specification, annex B).
type vp9 struct {
	frame  []byte
	layers []int
	key    bool
	// sizes of the layers, from the header of a key picture.
	widths, heights []uint16
	media           wire.Media
}

func (v *vp9) begin() { v.frame, v.layers, v.key = nil, nil, false }

func (v *vp9) add(payload []byte) error {
	packet := &codecs.VP9Packet{}
	part, err := packet.Unmarshal(payload)
	if err != nil {
		return err
	}
	if packet.B {
		v.layers = append(v.layers, 0)
		if !packet.P && packet.SID == 0 {
			v.key = true
		}
	}
	if packet.V && packet.Y {
		v.widths, v.heights = packet.Width, packet.Height
	}
	if len(v.layers) == 0 {
		return errCutShort
	}
	v.layers[len(v.layers)-1] += len(part)
	v.frame = append(v.frame, part...)
	return nil
}

func (v *vp9) end() (picture, error) {
	if len(v.layers) == 0 {
		return picture{}, errCutShort
	}
	if v.key {
		// Only the first layer of a key picture is itself a key frame; the last layer is the largest.
		media, err := vp9Media(v.frame[:v.layers[0]])
		if err != nil {
			return picture{}, err
		}
		if top := len(v.layers) - 1; top > 0 && top < len(v.widths) {
			media.Width, media.Height = int(v.widths[top]), int(v.heights[top])
		}
		v.media = media
	}
	data := v.frame
	if len(v.layers) > 1 {
		data = append(data, superframeIndex(v.layers)...)
	}
	return picture{data: data, key: v.key, media: v.media}, nil
}

func superframeIndex(sizes []int) []byte {
	marker := byte(0xc0 | 3<<3 | (len(sizes) - 1))
	out := []byte{marker}
	for _, size := range sizes {
		out = append(out, byte(size), byte(size>>8), byte(size>>16), byte(size>>24))
	}
	return append(out, marker)
}

// vp9Media reads the uncompressed header of a key frame (VP9 bitstream specification, section 6.2).
func vp9Media(frame []byte) (wire.Media, error) {
	b := &bits{bytes: frame}
	marker := b.u(2)
	profile := b.u(1) | b.u(1)<<1
	if profile == 3 {
		b.u(1)
	}
	existing := b.flag()
	notKey := b.flag()
	b.u(2)
	sync := b.u(24)
	if marker != 2 || existing || notKey || sync != 0x498342 {
		return wire.Media{}, fmt.Errorf("the VP9 key frame's header is damaged")
	}
	depth := 8
	if profile >= 2 {
		depth = 10 + 2*int(b.u(1))
	}
	if b.u(3) != 7 {
		b.u(1)
		if profile == 1 || profile == 3 {
			b.u(3)
		}
	} else if profile == 1 || profile == 3 {
		b.u(1)
	}
	width, height := int(b.u(16))+1, int(b.u(16))+1
	return wire.Media{Codec: fmt.Sprintf("vp09.%02d.51.%02d", profile, depth), Width: width, Height: height}, b.err
}
