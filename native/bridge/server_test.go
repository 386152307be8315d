package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
)

const (
	testKey    = "test"
	testSecret = "a secret of the tests that is at least 32 characters"
	testRoom   = "classroom"
)

// startServer starts the real livekit-server that FIELDROOM_LIVEKIT_SERVER names, only on loopback.
func startServer(t *testing.T) string {
	t.Helper()
	program := os.Getenv("FIELDROOM_LIVEKIT_SERVER")
	if program == "" {
		t.Fatal("FIELDROOM_LIVEKIT_SERVER must name a livekit-server: run the tests with `npm run test:bridge`")
	}
	signal, media := freePort(t), freeUDPPort(t)
	config, err := json.Marshal(map[string]any{
		"port": signal, "bind_addresses": []string{"127.0.0.1"},
		"rtc": map[string]any{
			"udp_port": media, "tcp_port": 0, "use_external_ip": false, "use_ice_lite": true,
			"enable_loopback_candidate": true, "stun_servers": []string{"127.0.0.1:9"},
			"ips": map[string]any{"includes": []string{"127.0.0.1/32"}},
		},
		"keys":    map[string]string{testKey: testSecret},
		"logging": map[string]any{"json": true, "level": "warn"},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program)
	server.Env = append(os.Environ(), "LIVEKIT_CONFIG="+string(config))
	server.Stdout, server.Stderr = os.Stderr, os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	address := fmt.Sprintf("127.0.0.1:%d", signal)
	for {
		if answer, err := http.Get("http://" + address); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return "ws://" + address
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func freeUDPPort(t *testing.T) int {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

func token(t *testing.T, identity string, hidden bool) string {
	t.Helper()
	yes, no := true, false
	grant := &auth.VideoGrant{RoomJoin: true, Room: testRoom, CanPublish: &yes, CanPublishData: &yes, CanSubscribe: &yes, CanUpdateOwnMetadata: &yes}
	if hidden {
		grant = &auth.VideoGrant{RoomJoin: true, Room: testRoom, CanPublish: &no, CanPublishData: &no, CanSubscribe: &yes, Hidden: true, Recorder: true}
	}
	signed, err := auth.NewAccessToken(testKey, testSecret).SetIdentity(identity).SetVideoGrant(grant).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	return signed
}
