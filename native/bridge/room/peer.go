package room

import (
	"net"
	"time"

	"github.com/livekit/protocol/codecs"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// AbsCaptureTimeURI is the header extension with the NTP time of the capture (webrtc.org, abs-capture-time).
const AbsCaptureTimeURI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"

const (
	disconnectedAfter = 5 * time.Second
	failedAfter       = 10 * time.Second
	keepAlive         = 2 * time.Second
)

// newAPI creates peer connections that also work with loopback as the only interface. For a server on this machine they use
// only loopback, so the bridge sends nothing on the network.
func newAPI(sending, loopbackOnly bool) (*webrtc.API, error) {
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetICETimeouts(disconnectedAfter, failedAfter, keepAlive)
	if loopbackOnly {
		settings.SetIPFilter(net.IP.IsLoopback)
	}
	media := &webrtc.MediaEngine{}
	if err := registerCodecs(media); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := addInterceptors(registry, sending); err != nil {
		return nil, err
	}
	return webrtc.NewAPI(
		webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry),
	), nil
}

// registerCodecs offers the codecs that LiveKit supports, without retransmission streams: lost packets are resent on the
// stream itself, which keeps a single sequence of packet numbers.
func registerCodecs(media *webrtc.MediaEngine) error {
	opus := codecs.OpusCodecParameters
	opus.RTCPFeedback = []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBNACK}}
	if err := media.RegisterCodec(opus, webrtc.RTPCodecTypeAudio); err != nil {
		return err
	}
	video := append(append([]webrtc.RTPCodecParameters{}, codecs.VideoCodecsParameters...),
		codecs.H264ProfileLevelId4d001fPacketizationMode0CodecParameters,
		codecs.H264ProfileLevelId4d001fPacketizationMode1CodecParameters)
	for _, codec := range video {
		codec.RTCPFeedback = []webrtc.RTCPFeedback{
			{Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
			{Type: webrtc.TypeRTCPFBNACK},
			{Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"},
		}
		if err := media.RegisterCodec(codec, webrtc.RTPCodecTypeVideo); err != nil {
			return err
		}
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		for _, uri := range []string{AbsCaptureTimeURI, sdp.SDESMidURI} {
			if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// addInterceptors makes senders answer requests for lost packets, and receivers send them along with receiver reports. The
// tracks themselves send sender reports, because only they know the capture times.
func addInterceptors(registry *interceptor.Registry, sending bool) error {
	if sending {
		responder, err := nack.NewResponderInterceptor()
		if err != nil {
			return err
		}
		registry.Add(responder)
		return nil
	}
	generator, err := nack.NewGeneratorInterceptor()
	if err != nil {
		return err
	}
	receiver, err := report.NewReceiverInterceptor()
	if err != nil {
		return err
	}
	registry.Add(generator)
	registry.Add(receiver)
	return nil
}
