// Package room is a small LiveKit client: it joins a room, publishes tracks and subscribes to those of others. It uses the
// signalling of livekit-server v1.13.5 (github.com/livekit/protocol) with pion's peer connections, so that it works
// with loopback as the only network interface, which the Go SDK does not.
package room

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/signalling"
	"github.com/pion/webrtc/v4"
)

const (
	pingEvery = 5 * time.Second
	// silentAfter: a server that sends nothing for this long, not even pings, counts as lost.
	silentAfter = 15 * time.Second
	joinTimeout = 10 * time.Second
)

// Handlers are called from the connection's own goroutines; each may be nil.
type Handlers struct {
	// Participants: these participants were added or changed; the state DISCONNECTED means that one has left.
	Participants func([]*livekit.ParticipantInfo)
	// Track: a subscribed track starts. The function may read from it until it ends.
	Track func(*webrtc.TrackRemote, Feedback)
	// Data: a packet of text or bytes, or of a stream of them.
	Data func(*livekit.DataPacket)
	// DataTracks names the subscribed data tracks by the handle of their packets.
	DataTracks func(map[uint32]*livekit.DataTrackSubscriberHandles_PublishedDataTrack)
	// DataTrackPacket: one packet of a subscribed data track.
	DataTrackPacket func([]byte)
	// Watched: whether a published video track has subscribers.
	Watched func(sid string, watched bool)
	// Log receives log lines.
	Log func(string)
}

// Feedback sends a receiver's requests to the sender of a track.
type Feedback interface {
	// RequestKeyFrame requests a key frame.
	RequestKeyFrame(track *webrtc.TrackRemote)
	// Drain reads the sender reports; the connection works only if they are read.
	Drain()
}

// Client is one participant in one room, from joining to leaving. It cannot rejoin: create a new one.
type Client struct {
	handlers Handlers
	signal   *signal
	sender   *sendingPeer
	receiver *receivingPeer

	// Me is this participant as the server describes it.
	Me *livekit.ParticipantInfo

	mu       sync.Mutex
	waiting  map[string]chan publishedOrRefused
	data     map[uint16]chan publishedOrRefused
	closed   chan struct{}
	closeErr error
	once     sync.Once
	heard    time.Time
}

type publishedOrRefused struct {
	sid string
	err error
}

// Join connects. The client is usable when it returns.
func Join(ctx context.Context, address, token string, publish bool, handlers Handlers) (*Client, error) {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	signal, err := dialSignal(ctx, address, token)
	if err != nil {
		return nil, err
	}
	c := &Client{
		handlers: handlers,
		signal:   signal,
		waiting:  map[string]chan publishedOrRefused{},
		data:     map[uint16]chan publishedOrRefused{},
		closed:   make(chan struct{}),
		heard:    time.Now(),
	}
	if err := c.begin(ctx, address, publish); err != nil {
		c.close(err)
		return nil, err
	}
	return c, nil
}

func (c *Client) begin(ctx context.Context, address string, publish bool) error {
	first, err := c.signal.receive()
	if err != nil {
		return err
	}
	join := first.GetJoin()
	if join == nil {
		if leave := first.GetLeave(); leave != nil {
			return fmt.Errorf("the LiveKit server refused the connection: %s", leave.Reason)
		}
		return errors.New("the LiveKit server sent an unexpected first message")
	}
	c.Me = join.Participant
	loopback := isLoopback(address)
	if publish {
		if c.sender, err = newSendingPeer(c.signal, loopback, c.log); err != nil {
			return err
		}
		c.sender.onLost = func() { c.close(errors.New("the media connection to the LiveKit server was lost")) }
	}
	if c.receiver, err = newReceivingPeer(c.signal, loopback, c.handlers); err != nil {
		return err
	}
	c.receiver.onLost = func() { c.close(errors.New("the media connection from the LiveKit server was lost")) }
	go c.run()
	go c.ping()
	if c.handlers.Participants != nil {
		c.handlers.Participants(join.OtherParticipants)
	}
	if c.sender == nil {
		return nil
	}
	c.sender.negotiate()
	select {
	case <-c.sender.connected:
		return nil
	case <-c.closed:
		return c.closeErr
	case <-ctx.Done():
		return errors.New("the media connection to the LiveKit server could not be made")
	}
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.closed }

// Err is the reason why the connection ended.
func (c *Client) Err() error {
	<-c.closed
	return c.closeErr
}

// Leave announces the departure and closes the connection.
func (c *Client) Leave() {
	_ = c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Leave{
		Leave: &livekit.LeaveRequest{Reason: livekit.DisconnectReason_CLIENT_INITIATED, Action: livekit.LeaveRequest_DISCONNECT},
	}})
	c.close(errors.New("left"))
}

func (c *Client) close(err error) {
	c.once.Do(func() {
		c.closeErr = err
		close(c.closed)
		c.signal.close()
		if c.sender != nil {
			c.sender.close()
		}
		if c.receiver != nil {
			c.receiver.close()
		}
	})
}

// SetAttributes publishes this participant's attributes.
func (c *Client) SetAttributes(attributes map[string]string) error {
	return c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_UpdateMetadata{
		UpdateMetadata: &livekit.UpdateParticipantMetadata{Attributes: attributes},
	}})
}

// Mute announces that a published track is sending nothing.
func (c *Client) Mute(sid string, muted bool) error {
	return c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Mute{
		Mute: &livekit.MuteTrackRequest{Sid: sid, Muted: muted},
	}})
}

// Subscribe requests a media track of another participant at its best quality.
func (c *Client) Subscribe(participantSid, trackSid string, wanted bool) error {
	return c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_Subscription{
		Subscription: &livekit.UpdateSubscription{
			TrackSids: []string{trackSid},
			Subscribe: wanted,
			ParticipantTracks: []*livekit.ParticipantTracks{
				{ParticipantSid: participantSid, TrackSids: []string{trackSid}},
			},
		},
	}})
}

// SubscribeData requests a data track of another participant.
func (c *Client) SubscribeData(trackSid string, wanted bool) error {
	return c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_UpdateDataSubscription{
		UpdateDataSubscription: &livekit.UpdateDataSubscription{
			Updates: []*livekit.UpdateDataSubscription_Update{{TrackSid: trackSid, Subscribe: wanted}},
		},
	}})
}

func (c *Client) run() {
	for {
		response, err := c.signal.receive()
		if err != nil {
			c.close(fmt.Errorf("the connection to the LiveKit server ended: %w", err))
			return
		}
		c.mu.Lock()
		c.heard = time.Now()
		c.mu.Unlock()
		c.handle(response)
	}
}

func (c *Client) handle(response *livekit.SignalResponse) {
	switch message := response.Message.(type) {
	case *livekit.SignalResponse_Answer:
		if c.sender != nil {
			answer, _, _ := signalling.FromProtoSessionDescription(message.Answer)
			c.sender.answer(answer)
		}
	case *livekit.SignalResponse_Offer:
		offer, id, _ := signalling.FromProtoSessionDescription(message.Offer)
		c.receiver.offer(offer, id)
	case *livekit.SignalResponse_Trickle:
		c.trickle(message.Trickle)
	case *livekit.SignalResponse_Update:
		if c.handlers.Participants != nil {
			c.handlers.Participants(message.Update.Participants)
		}
	case *livekit.SignalResponse_TrackPublished:
		c.settle(message.TrackPublished.Cid, publishedOrRefused{sid: message.TrackPublished.Track.Sid})
	case *livekit.SignalResponse_PublishDataTrackResponse:
		info := message.PublishDataTrackResponse.Info
		c.settleData(uint16(info.PubHandle), publishedOrRefused{sid: info.Sid})
	case *livekit.SignalResponse_RequestResponse:
		c.refused(message.RequestResponse)
	case *livekit.SignalResponse_SubscribedQualityUpdate:
		c.watched(message.SubscribedQualityUpdate)
	case *livekit.SignalResponse_DataTrackSubscriberHandles:
		if c.handlers.DataTracks != nil {
			c.handlers.DataTracks(message.DataTrackSubscriberHandles.SubHandles)
		}
	case *livekit.SignalResponse_Leave:
		c.close(fmt.Errorf("the LiveKit server ended the connection: %s", message.Leave.Reason))
	}
}

func (c *Client) trickle(message *livekit.TrickleRequest) {
	candidate, err := signalling.FromProtoTrickle(message)
	if err != nil || candidate.Candidate == "" {
		return
	}
	if message.Target == livekit.SignalTarget_SUBSCRIBER {
		c.receiver.addCandidate(candidate)
	} else if c.sender != nil {
		c.sender.addCandidate(candidate)
	}
}

func (c *Client) watched(update *livekit.SubscribedQualityUpdate) {
	if c.handlers.Watched == nil {
		return
	}
	for _, codec := range update.SubscribedCodecs {
		for _, quality := range codec.Qualities {
			if quality.Enabled {
				c.handlers.Watched(update.TrackSid, true)
				return
			}
		}
	}
	c.handlers.Watched(update.TrackSid, false)
}

func (c *Client) refused(response *livekit.RequestResponse) {
	if response.Reason == livekit.RequestResponse_OK || response.Reason == livekit.RequestResponse_QUEUED {
		return
	}
	err := fmt.Errorf("%s (%s)", response.Message, response.Reason)
	switch request := response.Request.(type) {
	case *livekit.RequestResponse_AddTrack:
		c.settle(request.AddTrack.Cid, publishedOrRefused{err: err})
	case *livekit.RequestResponse_PublishDataTrack:
		c.settleData(uint16(request.PublishDataTrack.PubHandle), publishedOrRefused{err: err})
	default:
		c.log("the LiveKit server refused a request: " + err.Error())
	}
}

func (c *Client) settle(cid string, result publishedOrRefused) {
	c.mu.Lock()
	waiter := c.waiting[cid]
	delete(c.waiting, cid)
	c.mu.Unlock()
	if waiter != nil {
		waiter <- result
	}
}

func (c *Client) settleData(handle uint16, result publishedOrRefused) {
	c.mu.Lock()
	waiter := c.data[handle]
	delete(c.data, handle)
	c.mu.Unlock()
	if waiter != nil {
		waiter <- result
	}
}

func (c *Client) ping() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.closed:
			return
		case now := <-ticker.C:
			c.mu.Lock()
			silent := now.Sub(c.heard) > silentAfter
			c.mu.Unlock()
			if silent {
				c.close(errors.New("the LiveKit server does not answer"))
				return
			}
			_ = c.signal.send(&livekit.SignalRequest{Message: &livekit.SignalRequest_PingReq{
				PingReq: &livekit.Ping{Timestamp: now.UnixMilli()},
			}})
		}
	}
}

func (c *Client) log(line string) {
	if c.handlers.Log != nil {
		c.handlers.Log(line)
	}
}

func isLoopback(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	return parsed.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}
