// Package record receives the tracks of the room's other participants from the network, without decoding them.
package record

import (
	"context"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/webrtc/v4"

	"fieldroom/native/bridge/clock"
	"fieldroom/native/bridge/room"
	"fieldroom/native/bridge/wire"
)

var rejoinAfter = []time.Duration{0, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second}

// known is a track of the room that is not the appliance's.
type known struct {
	foreign     wire.Foreign
	participant string
	subscribed  bool
	track       *track
	// mu guards track's state, which its own goroutine and the room's events change.
	mu sync.Mutex
}

// Recorder is the hidden participant that records the others.
type Recorder struct {
	clock *clock.Clock
	sink  sinkWithData
	log   func(string)

	mu       sync.Mutex
	own      map[string]bool
	on       bool
	client   *room.Client
	stop     context.CancelFunc
	where    string
	people   map[string]*livekit.ParticipantInfo
	tracks   map[string]*known
	next     uint16
	frames   frames
	messages messages
}

type sinkWithData interface {
	Sink
	RecordedData(handle uint16, timeNs int64, userTimestamp uint64, payload []byte)
}

// NewRecorder creates a recorder that has not joined a room.
func NewRecorder(clock *clock.Clock, sink sinkWithData, log func(string)) *Recorder {
	return &Recorder{
		clock: clock, sink: sink, log: log, own: map[string]bool{},
		people: map[string]*livekit.ParticipantInfo{}, tracks: map[string]*known{}, messages: messages{},
	}
}

// Order joins or leaves a room, and starts or stops recording.
func (r *Recorder) Order(order wire.Order) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.own)
	for _, identity := range order.Own {
		r.own[identity] = true
	}
	if r.where != order.URL+" "+order.Token {
		r.where = order.URL + " " + order.Token
		if r.stop != nil {
			r.stop()
			r.stop = nil
		}
		if order.URL != "" {
			ctx, cancel := context.WithCancel(context.Background())
			r.stop = cancel
			go r.stay(ctx, order.URL, order.Token)
		}
	}
	if r.on != order.On {
		r.on = order.On
		r.reviewLocked()
	}
}

func (r *Recorder) stay(ctx context.Context, address, token string) {
	for try := 0; ctx.Err() == nil; try++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(rejoinAfter[min(try, len(rejoinAfter)-1)]):
		}
		client, err := room.Join(ctx, address, token, false, r.handlers())
		if err != nil {
			r.sink.Send(wire.Report{Type: "recorder", State: "connecting", Message: err.Error()})
			continue
		}
		try = 0
		r.mu.Lock()
		r.client = client
		r.mu.Unlock()
		r.sink.Send(wire.Report{Type: "recorder", State: "connected"})
		r.review()
		select {
		case <-ctx.Done():
			client.Leave()
		case <-client.Done():
			r.sink.Send(wire.Report{Type: "recorder", State: "connecting", Message: client.Err().Error()})
		}
		r.lost(client)
	}
}

func (r *Recorder) handlers() room.Handlers {
	return room.Handlers{
		Participants:    r.participants,
		Track:           r.receive,
		DataTracks:      r.dataHandles,
		DataTrackPacket: r.dataPacket,
		Data:            r.message,
		Log:             r.log,
	}
}

// lost ends everything that belongs to a lost connection.
func (r *Recorder) lost(client *room.Client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client == client {
		r.client = nil
	}
	for sid, k := range r.tracks {
		r.endLocked(sid, k, "room-lost")
	}
	clear(r.people)
}

func (r *Recorder) participants(people []*livekit.ParticipantInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, person := range people {
		if person.State == livekit.ParticipantInfo_DISCONNECTED {
			delete(r.people, person.Sid)
		} else {
			r.people[person.Sid] = person
		}
	}
	r.reviewLocked()
}

func (r *Recorder) review() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reviewLocked()
}

// reviewLocked compares the room's tracks with the recorded ones.
func (r *Recorder) reviewLocked() {
	here := map[string]bool{}
	for _, person := range r.people {
		if r.own[person.Identity] {
			continue
		}
		for _, info := range person.Tracks {
			here[info.Sid] = true
			r.meetLocked(person, foreignOf(person, info), info.Muted)
		}
		for _, info := range person.DataTracks {
			here[info.Sid] = true
			r.meetLocked(person, wire.Foreign{
				Identity: person.Identity, Name: person.Name, Sid: info.Sid, Track: info.Name, Kind: "data", Source: "unknown",
			}, false)
		}
	}
	for sid, k := range r.tracks {
		if !here[sid] {
			r.endLocked(sid, k, "unpublished")
		}
	}
}

func (r *Recorder) meetLocked(person *livekit.ParticipantInfo, foreign wire.Foreign, muted bool) {
	k := r.tracks[foreign.Sid]
	if k == nil {
		// The codec is known once the server has received the first packets of the track.
		if foreign.Kind != "data" && foreign.Codec == "" {
			return
		}
		k = &known{foreign: foreign, participant: person.Sid}
		r.tracks[foreign.Sid] = k
		report := wire.Report{Type: "foreign", Foreign: &k.foreign, State: "waiting"}
		if foreign.Kind != "data" && !CanRecord(foreign.Codec) {
			report.State, report.Code = "refused", "room.codec"
			report.Message = "Tracks in " + foreign.Codec + " cannot be recorded: ask for H.264, VP8, VP9, AV1 or Opus."
		}
		r.sink.Send(report)
	}
	k.mu.Lock()
	if k.track != nil {
		k.track.setMuted(muted)
	}
	k.mu.Unlock()
	wanted := r.on && (foreign.Kind == "data" || CanRecord(k.foreign.Codec))
	if r.client == nil || wanted == k.subscribed {
		return
	}
	k.subscribed = wanted
	if foreign.Kind == "data" {
		_ = r.client.SubscribeData(foreign.Sid, wanted)
	} else {
		_ = r.client.Subscribe(person.Sid, foreign.Sid, wanted)
	}
	if !wanted {
		k.mu.Lock()
		k.track = nil
		k.mu.Unlock()
	}
}

func (r *Recorder) endLocked(sid string, k *known, cause string) {
	delete(r.tracks, sid)
	k.mu.Lock()
	if k.track != nil && k.track.handed {
		r.sink.Send(wire.Report{Type: "end", Handle: k.track.handle, FromNs: k.track.lastNs + k.track.lastSpanNs, Cause: cause})
	}
	k.track = nil
	k.mu.Unlock()
	r.sink.Send(wire.Report{Type: "foreign", Foreign: &k.foreign, State: "ended", Code: cause})
}

// receive reads a subscribed track until it ends.
func (r *Recorder) receive(remote *webrtc.TrackRemote, feedback room.Feedback) {
	r.mu.Lock()
	k := r.tracks[remote.ID()]
	if k == nil || !r.on {
		r.mu.Unlock()
		return
	}
	handle := r.next
	r.next++
	mine := newTrack(handle, k.foreign, r.sink, func() { feedback.RequestKeyFrame(remote) }, r.clock.Now())
	k.mu.Lock()
	k.track = mine
	k.mu.Unlock()
	r.mu.Unlock()
	feedback.Drain()
	for {
		packet, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		now := r.clock.Now()
		k.mu.Lock()
		current := k.track == mine
		if current {
			mine.push(packet, now)
		}
		k.mu.Unlock()
		if !current {
			return
		}
	}
}

func foreignOf(person *livekit.ParticipantInfo, info *livekit.TrackInfo) wire.Foreign {
	kind := "audio"
	if info.Type == livekit.TrackType_VIDEO {
		kind = "video"
	}
	source := "unknown"
	switch info.Source {
	case livekit.TrackSource_CAMERA:
		source = "camera"
	case livekit.TrackSource_MICROPHONE:
		source = "microphone"
	case livekit.TrackSource_SCREEN_SHARE, livekit.TrackSource_SCREEN_SHARE_AUDIO:
		source = "screen"
	}
	return wire.Foreign{
		Identity: person.Identity, Name: person.Name, Sid: info.Sid, Track: info.Name, Kind: kind, Source: source, Codec: info.MimeType,
	}
}
