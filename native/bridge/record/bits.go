package record

import "errors"

var errCutShort = errors.New("the header is cut short")

// bits reads a header bit by bit. The first error is kept; later reads return 0.
type bits struct {
	bytes []byte
	at    int
	err   error
}

func (b *bits) u(count int) uint32 {
	value := uint32(0)
	for range count {
		if b.at>>3 >= len(b.bytes) {
			b.err = errCutShort
			return 0
		}
		value = value<<1 | uint32(b.bytes[b.at>>3]>>(7-b.at&7)&1)
		b.at++
	}
	return value
}

func (b *bits) flag() bool { return b.u(1) == 1 }

// ue is an unsigned Exp-Golomb code (Rec. ITU-T H.264 section 9.1).
func (b *bits) ue() uint32 {
	zeros := 0
	for b.err == nil && !b.flag() {
		if zeros++; zeros > 31 {
			b.err = errCutShort
			return 0
		}
	}
	return 1<<zeros - 1 + b.u(zeros)
}

func (b *bits) se() int32 {
	code := b.ue()
	if code&1 == 1 {
		return int32(code+1) / 2
	}
	return -int32(code / 2)
}
