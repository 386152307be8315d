package room

import (
	"strings"
	"sync"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/signalling"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"
)

// receivingPeer is the connection for subscribed tracks; the server makes the offers.
type receivingPeer struct {
	signal   *signal
	pc       *webrtc.PeerConnection
	handlers Handlers
	onLost   func()

	mu      sync.Mutex
	pending []webrtc.ICECandidateInit
	offered bool
}

func newReceivingPeer(signal *signal, loopback bool, handlers Handlers) (*receivingPeer, error) {
	api, err := newAPI(false, loopback)
	if err != nil {
		return nil, err
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	p := &receivingPeer{signal: signal, pc: pc, handlers: handlers, onLost: func() {}}
	pc.OnICECandidate(func(candidate *webrtc.ICECandidate) { trickle(signal, candidate, livekit.SignalTarget_SUBSCRIBER) })
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed {
			p.onLost()
		}
	})
	pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		if handlers.Track != nil {
			handlers.Track(track, &feedback{pc: pc, receiver: receiver})
		}
	})
	pc.OnDataChannel(p.listen)
	return p, nil
}

func (p *receivingPeer) listen(dc *webrtc.DataChannel) {
	dc.OnMessage(func(message webrtc.DataChannelMessage) {
		if dc.Label() == dataTrackLabel {
			if p.handlers.DataTrackPacket != nil {
				p.handlers.DataTrackPacket(message.Data)
			}
			return
		}
		packet := &livekit.DataPacket{}
		if p.handlers.Data != nil && proto.Unmarshal(message.Data, packet) == nil {
			p.handlers.Data(packet)
		}
	})
}

func (p *receivingPeer) offer(offer webrtc.SessionDescription, id uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.pc.SetRemoteDescription(offer)
	if err == nil {
		p.offered = true
		for _, candidate := range p.pending {
			_ = p.pc.AddICECandidate(candidate)
		}
		p.pending = nil
		var answer webrtc.SessionDescription
		if answer, err = p.pc.CreateAnswer(nil); err == nil {
			if err = p.pc.SetLocalDescription(answer); err == nil {
				err = p.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Answer{
					Answer: signalling.ToProtoSessionDescription(answer, id, nil),
				}})
			}
		}
	}
	if err != nil && p.handlers.Log != nil {
		p.handlers.Log("the LiveKit server's offer was not accepted: " + err.Error())
	}
}

func (p *receivingPeer) addCandidate(candidate webrtc.ICECandidateInit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.offered {
		p.pending = append(p.pending, candidate)
		return
	}
	_ = p.pc.AddICECandidate(candidate)
}

func (p *receivingPeer) close() { _ = p.pc.Close() }

type feedback struct {
	pc       *webrtc.PeerConnection
	receiver *webrtc.RTPReceiver
}

func (f *feedback) RequestKeyFrame(track *webrtc.TrackRemote) {
	_ = f.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
}

func (f *feedback) Drain() {
	go func() {
		for {
			if _, _, err := f.receiver.ReadRTCP(); err != nil {
				return
			}
		}
	}()
}

func sameMime(a, b string) bool { return strings.EqualFold(a, b) }
