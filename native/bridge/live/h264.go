package live

import (
	"encoding/binary"
	"errors"
)

var startCode = []byte{0, 0, 0, 1}

const (
	nalKeyPicture = 5
	nalSPS        = 7
)

// avcDescription is a parsed AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1).
type avcDescription struct {
	// lengthBytes is the size of the length in front of each NAL unit; 0 means Annex B.
	lengthBytes int
	// parameterSets in Annex B.
	parameterSets []byte
}

func parseAvcC(description []byte) (avcDescription, error) {
	if len(description) == 0 {
		return avcDescription{}, nil
	}
	cut := errors.New("the H.264 description (avcC) is cut short")
	if len(description) < 6 {
		return avcDescription{}, cut
	}
	out := avcDescription{lengthBytes: int(description[4]&3) + 1}
	at := 5
	for _, mask := range []byte{0x1f, 0xff} {
		if at >= len(description) {
			return avcDescription{}, cut
		}
		count := int(description[at] & mask)
		at++
		for range count {
			if at+2 > len(description) {
				return avcDescription{}, cut
			}
			size := int(binary.BigEndian.Uint16(description[at:]))
			at += 2
			if at+size > len(description) {
				return avcDescription{}, cut
			}
			out.parameterSets = append(append(out.parameterSets, startCode...), description[at:at+size]...)
			at += size
		}
	}
	return out, nil
}

// annexB converts an access unit to Annex B and puts the parameter sets in front of key frames without them.
func (a avcDescription) annexB(unit []byte, key bool) ([]byte, error) {
	if a.lengthBytes == 0 {
		return unit, nil
	}
	out := make([]byte, 0, len(unit)+len(a.parameterSets)+8)
	body, hasSets := out, false
	for at := 0; at < len(unit); {
		if at+a.lengthBytes > len(unit) {
			return nil, errors.New("a NAL unit's length is cut short")
		}
		size := 0
		for _, b := range unit[at : at+a.lengthBytes] {
			size = size<<8 | int(b)
		}
		at += a.lengthBytes
		if size == 0 {
			continue
		}
		if at+size > len(unit) {
			return nil, errors.New("a NAL unit is cut short")
		}
		kind := unit[at] & 0x1f
		hasSets = hasSets || kind == nalSPS
		if kind == nalKeyPicture && key && !hasSets {
			body = append(body, a.parameterSets...)
			hasSets = true
		}
		body = append(append(body, startCode...), unit[at:at+size]...)
		at += size
	}
	return body, nil
}
