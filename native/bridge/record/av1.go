package record

import (
	"fmt"

	"github.com/pion/rtp/codecs"

	"fieldroom/native/bridge/wire"
)

const obuSequenceHeader = 1

// av1 assembles temporal units without delimiters, each unit with its size (AV1 bitstream specification, section 5.2).
type av1 struct {
	depacketizer codecs.AV1Depacketizer
	unit         []byte
	media        wire.Media
}

func (a *av1) begin() { a.unit, a.depacketizer = nil, codecs.AV1Depacketizer{} }

func (a *av1) add(payload []byte) error {
	part, err := a.depacketizer.Unmarshal(payload)
	a.unit = append(a.unit, part...)
	return err
}

func (a *av1) end() (picture, error) {
	key := false
	for at := 0; at < len(a.unit); {
		header := a.unit[at]
		begin := at + 1
		if header&4 != 0 {
			begin++
		}
		size, used := leb128(a.unit[min(begin, len(a.unit)):])
		if used == 0 || begin+used+size > len(a.unit) {
			return picture{}, errCutShort
		}
		if header>>3&0xf == obuSequenceHeader {
			media, err := av1Media(a.unit[begin+used : begin+used+size])
			if err != nil {
				return picture{}, err
			}
			key, a.media = true, media
		}
		at = begin + used + size
	}
	return picture{data: a.unit, key: key, media: a.media}, nil
}

func leb128(bytes []byte) (value, used int) {
	for i := 0; i < len(bytes) && i < 4; i++ {
		value |= int(bytes[i]&0x7f) << (7 * i)
		if bytes[i]&0x80 == 0 {
			return value, i + 1
		}
	}
	return 0, 0
}

// av1Media reads a sequence header (section 5.5.1) up to the picture size.
func av1Media(header []byte) (wire.Media, error) {
	b := &bits{bytes: header}
	profile := b.u(3)
	b.u(1)
	level, tier := uint32(0), uint32(0)
	if reduced := b.flag(); reduced {
		level = b.u(5)
	} else {
		level, tier = av1Points(b)
	}
	widthBits, heightBits := int(b.u(4))+1, int(b.u(4))+1
	width, height := int(b.u(widthBits))+1, int(b.u(heightBits))+1
	mark := [2]string{"M", "H"}[tier]
	return wire.Media{Codec: fmt.Sprintf("av01.%d.%02d%s.08", profile, level, mark), Width: width, Height: height}, b.err
}

func av1Points(b *bits) (level, tier uint32) {
	decoderModel, delayBits := false, 0
	if b.flag() {
		b.u(32)
		b.u(32)
		if b.flag() {
			for b.err == nil && !b.flag() {
				delayBits++
			}
			b.u(min(delayBits, 31))
		}
		if decoderModel = b.flag(); decoderModel {
			delayBits = int(b.u(5)) + 1
			b.u(32)
			b.u(5)
			b.u(5)
		}
	}
	initialDelay := b.flag()
	points := b.u(5) + 1
	for point := range points {
		b.u(12)
		pointLevel, pointTier := b.u(5), uint32(0)
		if pointLevel > 7 {
			pointTier = b.u(1)
		}
		if decoderModel && b.flag() {
			b.u(delayBits)
			b.u(delayBits)
			b.u(1)
		}
		if initialDelay && b.flag() {
			b.u(4)
		}
		if point == 0 {
			level, tier = pointLevel, pointTier
		}
	}
	return level, tier
}
