package record

import (
	"strings"

	"fieldroom/native/bridge/wire"
)

// picture is one complete encoded picture.
type picture struct {
	data  []byte
	key   bool
	media wire.Media
}

// pictures assembles one picture from its packets.
type pictures interface {
	// begin discards the packets added so far.
	begin()
	// add takes the next packet's payload.
	add(payload []byte) error
	// end returns the picture.
	end() (picture, error)
}

// picturesOf returns nil for codecs that are not recorded.
func picturesOf(mimeType string) pictures {
	switch strings.ToLower(mimeType) {
	case "video/h264":
		return newH264()
	case "video/vp8":
		return &vp8{}
	case "video/vp9":
		return &vp9{}
	case "video/av1":
		return &av1{}
	}
	return nil
}

// CanRecord reports whether tracks of this type are recorded.
func CanRecord(mimeType string) bool {
	return strings.EqualFold(mimeType, "audio/opus") || picturesOf(mimeType) != nil
}
