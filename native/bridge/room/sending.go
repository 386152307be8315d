package room

import (
	"context"
	"errors"
	"sync"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/signalling"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

const (
	reliableLabel  = "_reliable"
	lossyLabel     = "_lossy"
	dataTrackLabel = "_data_track"
	// dataBacklog: data tracks are lossy; a channel further behind than this gets no more packets until it has caught up.
	dataBacklog = 256 << 10
)

// sendingPeer is the connection for published tracks; the client makes the offers, one at a time.
type sendingPeer struct {
	signal    *signal
	pc        *webrtc.PeerConnection
	data      *webrtc.DataChannel
	connected chan struct{}
	onLost    func()
	log       func(string)

	mu       sync.Mutex
	offering bool
	again    bool
	pending  []webrtc.ICECandidateInit
	answered bool
	up       sync.Once
}

func newSendingPeer(signal *signal, loopback bool, log func(string)) (*sendingPeer, error) {
	api, err := newAPI(true, loopback)
	if err != nil {
		return nil, err
	}
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	p := &sendingPeer{signal: signal, pc: pc, connected: make(chan struct{}), onLost: func() {}, log: log}
	ordered, unordered, none := true, false, uint16(0)
	for _, channel := range []struct {
		label string
		init  webrtc.DataChannelInit
	}{
		{reliableLabel, webrtc.DataChannelInit{Ordered: &ordered}},
		{lossyLabel, webrtc.DataChannelInit{Ordered: &unordered, MaxRetransmits: &none}},
		{dataTrackLabel, webrtc.DataChannelInit{Ordered: &unordered, MaxRetransmits: &none}},
	} {
		dc, err := pc.CreateDataChannel(channel.label, &channel.init)
		if err != nil {
			_ = pc.Close()
			return nil, err
		}
		if channel.label == dataTrackLabel {
			p.data = dc
		}
	}
	pc.OnICECandidate(func(candidate *webrtc.ICECandidate) { trickle(signal, candidate, livekit.SignalTarget_PUBLISHER) })
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			p.up.Do(func() { close(p.connected) })
		case webrtc.PeerConnectionStateFailed:
			p.onLost()
		}
	})
	return p, nil
}

func trickle(signal *signal, candidate *webrtc.ICECandidate, target livekit.SignalTarget) {
	if candidate == nil {
		return
	}
	_ = signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Trickle{
		Trickle: signalling.ToProtoTrickle(candidate.ToJSON(), target, false),
	}})
}

// negotiate offers the connection's current tracks. While an offer waits for its answer, the next one is queued.
func (p *sendingPeer) negotiate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.offering {
		p.again = true
		return
	}
	p.offerLocked()
}

func (p *sendingPeer) offerLocked() {
	offer, err := p.pc.CreateOffer(nil)
	if err == nil {
		err = p.pc.SetLocalDescription(offer)
	}
	if err == nil {
		err = p.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{
			Offer: signalling.ToProtoSessionDescription(offer, 0, nil),
		}})
	}
	if err != nil {
		p.log("an offer could not be made: " + err.Error())
		return
	}
	p.offering = true
}

func (p *sendingPeer) answer(answer webrtc.SessionDescription) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.pc.SetRemoteDescription(answer); err != nil {
		p.log("the LiveKit server's answer was not accepted: " + err.Error())
	}
	p.offering = false
	p.answered = true
	for _, candidate := range p.pending {
		_ = p.pc.AddICECandidate(candidate)
	}
	p.pending = nil
	if p.again {
		p.again = false
		p.offerLocked()
	}
}

func (p *sendingPeer) addCandidate(candidate webrtc.ICECandidateInit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.answered {
		p.pending = append(p.pending, candidate)
		return
	}
	_ = p.pc.AddICECandidate(candidate)
}

func (p *sendingPeer) close() { _ = p.pc.Close() }

// Publication is a published media track.
type Publication struct {
	// Sid is the server's id of the track.
	Sid    string
	client *Client
	sender *webrtc.RTPSender
}

// Publish adds a track and returns when the server has accepted it; from then on packets may be written.
// Each key frame request calls onKeyFrame.
func (c *Client) Publish(
	ctx context.Context, track webrtc.TrackLocal, request *livekit.AddTrackRequest, mimeType string, onKeyFrame func(),
) (*Publication, error) {
	request.Cid = track.ID()
	answer := make(chan publishedOrRefused, 1)
	c.mu.Lock()
	c.waiting[request.Cid] = answer
	c.mu.Unlock()
	if err := c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: request}}); err != nil {
		return nil, err
	}
	sid, err := c.await(ctx, answer)
	if err != nil {
		return nil, err
	}
	transceiver, err := c.sender.pc.AddTransceiverFromTrack(
		track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, err
	}
	sender := transceiver.Sender()
	if err := preferCodec(transceiver, mimeType); err != nil {
		return nil, err
	}
	go readFeedback(sender, onKeyFrame)
	c.sender.negotiate()
	return &Publication{Sid: sid, client: c, sender: sender}, nil
}

// preferCodec offers only one codec, because the packets are already encoded.
func preferCodec(transceiver *webrtc.RTPTransceiver, mimeType string) error {
	var wanted []webrtc.RTPCodecParameters
	for _, codec := range transceiver.Sender().GetParameters().Codecs {
		if sameMime(codec.MimeType, mimeType) {
			wanted = append(wanted, codec)
		}
	}
	if len(wanted) == 0 {
		return errors.New("the codec " + mimeType + " cannot be sent")
	}
	return transceiver.SetCodecPreferences(wanted)
}

func readFeedback(sender *webrtc.RTPSender, onKeyFrame func()) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				onKeyFrame()
			}
		}
	}
}

// Unpublish removes the track from the room.
func (p *Publication) Unpublish() {
	_ = p.client.sender.pc.RemoveTrack(p.sender)
	p.client.sender.negotiate()
}

// WriteRTCP sends sender reports.
func (c *Client) WriteRTCP(packets []rtcp.Packet) error { return c.sender.pc.WriteRTCP(packets) }

// PublishData announces a data track with a handle chosen by this participant.
func (c *Client) PublishData(ctx context.Context, handle uint16, name string) (string, error) {
	answer := make(chan publishedOrRefused, 1)
	c.mu.Lock()
	c.data[handle] = answer
	c.mu.Unlock()
	if err := c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_PublishDataTrackRequest{
		PublishDataTrackRequest: &livekit.PublishDataTrackRequest{PubHandle: uint32(handle), Name: name},
	}}); err != nil {
		return "", err
	}
	return c.await(ctx, answer)
}

// UnpublishData ends a data track.
func (c *Client) UnpublishData(handle uint16) error {
	return c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_UnpublishDataTrackRequest{
		UnpublishDataTrackRequest: &livekit.UnpublishDataTrackRequest{PubHandle: uint32(handle)},
	}})
}

// SendDataTrackPacket sends one packet of a data track; false when the channel is closed or too far behind.
func (c *Client) SendDataTrackPacket(packet []byte) bool {
	dc := c.sender.data
	if dc.ReadyState() != webrtc.DataChannelStateOpen || dc.BufferedAmount() > dataBacklog {
		return false
	}
	return dc.Send(packet) == nil
}

func (c *Client) await(ctx context.Context, answer chan publishedOrRefused) (string, error) {
	select {
	case result := <-answer:
		return result.sid, result.err
	case <-ctx.Done():
		return "", errors.New("the LiveKit server did not answer in time")
	case <-c.closed:
		return "", c.closeErr
	}
}
