package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

const (
	dialTimeout  = 5 * time.Second
	writeTimeout = 5 * time.Second
	// protocolVersion is LiveKit's signalling protocol that this client speaks (livekit-server v1.13.5 has 17).
	protocolVersion = 16
)

// signal is the WebSocket on which client and server negotiate tracks.
type signal struct {
	conn *websocket.Conn
	mu   sync.Mutex
}

// ErrRefused means that the server does not accept the token.
var ErrRefused = errors.New("the LiveKit server does not accept the token")

func dialSignal(ctx context.Context, address, token string) (*signal, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address: %w", address, err)
	}
	target.Path = strings.TrimSuffix(target.Path, "/") + "/rtc"
	// Subscribe to each track individually: this side decides what is recorded.
	target.RawQuery = url.Values{
		"protocol":                  {fmt.Sprint(protocolVersion)},
		"sdk":                       {"go"},
		"auto_subscribe":            {"0"},
		"auto_subscribe_data_track": {"0"},
	}.Encode()
	dialer := websocket.Dialer{HandshakeTimeout: dialTimeout}
	conn, answer, err := dialer.DialContext(ctx, target.String(), http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		if answer != nil && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden) {
			return nil, ErrRefused
		}
		return nil, err
	}
	return &signal{conn: conn}, nil
}

func (s *signal) send(request *livekit.SignalRequest) error {
	bytes, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	return s.conn.WriteMessage(websocket.BinaryMessage, bytes)
}

func (s *signal) receive() (*livekit.SignalResponse, error) {
	for {
		kind, bytes, err := s.conn.ReadMessage()
		if err != nil {
			return nil, err
		}
		if kind != websocket.BinaryMessage {
			continue
		}
		response := &livekit.SignalResponse{}
		if err := proto.Unmarshal(bytes, response); err != nil {
			return nil, fmt.Errorf("the LiveKit server sent an unexpected message: %w", err)
		}
		return response, nil
	}
}

func (s *signal) close() { _ = s.conn.Close() }
