// Package live publishes what the engine has recorded: each media stream as a LiveKit track, each sensor as a data track.
// It does not encode anything.
package live

import (
	"context"
	"sync"
	"time"

	"github.com/pion/rtcp"

	"fieldroom/native/bridge/clock"
	"fieldroom/native/bridge/room"
	"fieldroom/native/bridge/wire"
)

const (
	reportEvery    = time.Second
	publishTimeout = 10 * time.Second
)

var rejoinAfter = []time.Duration{0, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second}

// Publisher is the participant that represents the appliance in the live room.
type Publisher struct {
	report func(wire.Report)
	log    func(string)
	clock  *clock.Clock

	mu         sync.Mutex
	tracks     map[uint16]*track
	data       map[uint16]*dataTrack
	attributes map[string]string
	client     *room.Client
	stop       context.CancelFunc
	bySid      map[string]uint16
	// seen records subscriptions to tracks whose publication has not been confirmed yet.
	seen map[string]bool
}

// NewPublisher creates a publisher that has not joined a room.
func NewPublisher(clock *clock.Clock, report func(wire.Report), log func(string)) *Publisher {
	return &Publisher{
		report: report, log: log, clock: clock,
		tracks: map[uint16]*track{}, data: map[uint16]*dataTrack{}, attributes: map[string]string{}, bySid: map[string]uint16{},
		seen: map[string]bool{},
	}
}

// Room joins the room at address and rejoins after every disconnection; an empty address leaves.
func (p *Publisher) Room(address, token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
	if address == "" {
		p.report(wire.Report{Type: "live", State: "off"})
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	go p.stay(ctx, address, token)
}

func (p *Publisher) stay(ctx context.Context, address, token string) {
	for try := 0; ctx.Err() == nil; try++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(rejoinAfter[min(try, len(rejoinAfter)-1)]):
		}
		client, err := room.Join(ctx, address, token, true, room.Handlers{Watched: p.watched, Log: p.log})
		if err != nil {
			p.report(wire.Report{Type: "live", State: "connecting", Message: err.Error()})
			continue
		}
		try = 0
		p.joined(client)
		p.report(wire.Report{Type: "live", State: "connected"})
		select {
		case <-ctx.Done():
			client.Leave()
		case <-client.Done():
			p.report(wire.Report{Type: "live", State: "connecting", Message: client.Err().Error()})
		}
		p.left(client)
	}
}

func (p *Publisher) joined(client *room.Client) {
	p.mu.Lock()
	p.client = client
	clear(p.bySid)
	clear(p.seen)
	if len(p.attributes) > 0 {
		_ = client.SetAttributes(p.attributes)
	}
	tracks := make([]*track, 0, len(p.tracks))
	for _, t := range p.tracks {
		tracks = append(tracks, t)
	}
	for handle, d := range p.data {
		d.published = false
		go p.publishData(client, handle, d)
	}
	p.mu.Unlock()
	for _, t := range tracks {
		go p.publish(client, t)
	}
	go p.reports(client)
}

func (p *Publisher) left(client *room.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client == client {
		p.client = nil
	}
	for _, t := range p.tracks {
		t.mu.Lock()
		t.publication = nil
		t.mu.Unlock()
	}
	for _, d := range p.data {
		d.published = false
	}
}

// Order handles the orders about tracks and attributes.
func (p *Publisher) Order(order wire.Order) {
	switch order.Type {
	case "track":
		p.declare(order)
	case "data":
		p.declareData(order)
	case "untrack":
		p.remove(order.Handle)
	case "mute":
		p.mute(order.Handle, order.Muted)
	case "describe":
		p.describe(order.Attributes)
	}
}

func (p *Publisher) declare(order wire.Order) {
	p.mu.Lock()
	known := p.tracks[order.Handle]
	p.mu.Unlock()
	fresh, err := newTrack(order, p.clock)
	if err != nil {
		p.report(wire.Report{Type: "refused", Handle: order.Handle, Code: "live.codec", Message: err.Error()})
		return
	}
	if known != nil && known.mimeType == fresh.mimeType && known.order.Name == order.Name {
		_ = known.describe(order)
		return
	}
	if known != nil {
		p.remove(order.Handle)
	}
	handle := order.Handle
	fresh.askKeyFrame = func() { p.report(wire.Report{Type: "keyFrame", Handle: handle}) }
	p.mu.Lock()
	p.tracks[order.Handle] = fresh
	client := p.client
	p.mu.Unlock()
	if client != nil {
		go p.publish(client, fresh)
	}
}

func (p *Publisher) publish(client *room.Client, t *track) {
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	publication, err := client.Publish(ctx, t, t.request(), t.mimeType, t.wantKeyFrame)
	if err != nil {
		select {
		case <-client.Done():
		default:
			p.report(wire.Report{Type: "refused", Handle: t.order.Handle, Code: "live.publish", Message: err.Error()})
		}
		return
	}
	t.mu.Lock()
	t.publication = publication
	muted := t.muted
	t.mu.Unlock()
	p.mu.Lock()
	wanted := p.tracks[t.order.Handle] == t && p.client == client
	p.bySid[publication.Sid] = t.order.Handle
	watched := p.seen[publication.Sid]
	p.mu.Unlock()
	if !wanted {
		publication.Unpublish()
		return
	}
	_ = client.Mute(publication.Sid, muted)
	p.report(wire.Report{Type: "published", Handle: t.order.Handle, Sid: publication.Sid})
	if watched {
		p.report(wire.Report{Type: "watched", Handle: t.order.Handle, Watched: true})
	}
}

func (p *Publisher) declareData(order wire.Order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.data[order.Handle] != nil {
		return
	}
	d := newDataTrack(order.Handle, order.Name)
	p.data[order.Handle] = d
	if p.client != nil {
		go p.publishData(p.client, order.Handle, d)
	}
}

func (p *Publisher) publishData(client *room.Client, handle uint16, d *dataTrack) {
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	sid, err := client.PublishData(ctx, d.handle, d.name)
	if err != nil {
		p.report(wire.Report{Type: "refused", Handle: handle, Code: "live.publish", Message: err.Error()})
		return
	}
	p.mu.Lock()
	d.published = p.client == client
	p.mu.Unlock()
	p.report(wire.Report{Type: "published", Handle: handle, Sid: sid})
}

func (p *Publisher) remove(handle uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.tracks[handle]; t != nil {
		delete(p.tracks, handle)
		t.mu.Lock()
		publication := t.publication
		t.publication = nil
		t.mu.Unlock()
		if publication != nil {
			publication.Unpublish()
		}
	}
	if d := p.data[handle]; d != nil {
		delete(p.data, handle)
		if p.client != nil {
			_ = p.client.UnpublishData(d.handle)
		}
	}
}

func (p *Publisher) mute(handle uint16, muted bool) {
	p.mu.Lock()
	t, client := p.tracks[handle], p.client
	p.mu.Unlock()
	if t == nil {
		return
	}
	t.mu.Lock()
	changed := t.muted != muted
	t.muted = muted
	t.needsKey = t.needsKey || t.isVideo()
	publication := t.publication
	t.mu.Unlock()
	if changed && client != nil && publication != nil {
		_ = client.Mute(publication.Sid, muted)
	}
	if !muted {
		t.wantKeyFrame()
	}
}

func (p *Publisher) describe(attributes map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := map[string]string{}
	for key, value := range attributes {
		if p.attributes[key] != value {
			changed[key] = value
			p.attributes[key] = value
		}
	}
	if p.client != nil && len(changed) > 0 {
		_ = p.client.SetAttributes(changed)
	}
}

// Packet sends one packet of a declared track.
func (p *Publisher) Packet(packet *wire.Packet) {
	p.mu.Lock()
	t := p.tracks[packet.Handle]
	p.mu.Unlock()
	if t == nil {
		return
	}
	if err := t.write(packet); err != nil {
		p.log("a packet of " + t.order.Name + " cannot be sent: " + err.Error())
	}
}

// Data sends one frame of a declared data track.
func (p *Publisher) Data(frame *wire.DataFrame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.data[frame.Handle]
	if d == nil || !d.published || p.client == nil {
		return
	}
	for _, packet := range d.packetsOf(frame.Payload, frame.UserTimestamp, p.clock.Now()) {
		if !p.client.SendDataTrackPacket(packet) {
			return
		}
	}
}

func (p *Publisher) watched(sid string, watched bool) {
	p.mu.Lock()
	handle, known := p.bySid[sid]
	p.seen[sid] = watched
	p.mu.Unlock()
	if known {
		p.report(wire.Report{Type: "watched", Handle: handle, Watched: watched})
	}
}

func (p *Publisher) reports(client *room.Client) {
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	for {
		select {
		case <-client.Done():
			return
		case <-ticker.C:
		}
		p.mu.Lock()
		var reports []rtcp.Packet
		for _, t := range p.tracks {
			if report := t.senderReport(); report != nil {
				reports = append(reports, report)
			}
		}
		p.mu.Unlock()
		for _, report := range reports {
			_ = client.WriteRTCP([]rtcp.Packet{report})
		}
	}
}
