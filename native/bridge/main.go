// The bridge between the recorder and its live room: it publishes what the engine has recorded, and passes what the room's
// other participants send to the engine. The engine starts it and controls it through its standard input; see package wire.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"fieldroom/native/bridge/clock"
	"fieldroom/native/bridge/live"
	"fieldroom/native/bridge/record"
	"fieldroom/native/bridge/wire"
)

const readBuffer = 1 << 20

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Printf("bridge protocol %d\n", wire.Protocol)
		return
	}
	reporter := wire.NewReporter(os.Stdout)
	if err := run(bufio.NewReaderSize(os.Stdin, readBuffer), reporter, logger(os.Stderr)); err != nil {
		reporter.Send(wire.Report{Type: "failed", Code: "bridge.protocol", Message: err.Error()})
		os.Exit(2)
	}
}

func run(in io.Reader, reporter *wire.Reporter, log func(string)) error {
	first, err := wire.Read(in)
	if err != nil {
		return fmt.Errorf("the first order cannot be read: %w", err)
	}
	hello := first.Order
	if hello == nil || hello.Type != "hello" {
		return errors.New("the first order must be `hello`")
	}
	if hello.Protocol != wire.Protocol {
		return fmt.Errorf(
			"this bridge speaks version %d of the engine's protocol, the engine speaks version %d: install both from one build",
			wire.Protocol, hello.Protocol)
	}
	engineClock := clock.New(hello.EngineNs, hello.WallOffsetNs)
	publisher := live.NewPublisher(engineClock, reporter.Send, log)
	recorder := record.NewRecorder(engineClock, reporter, log)
	reporter.Send(wire.Report{Type: "ready", Protocol: wire.Protocol})
	for {
		frame, err := wire.Read(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case frame.Packet != nil:
			publisher.Packet(frame.Packet)
		case frame.Data != nil:
			publisher.Data(frame.Data)
		case frame.Order.Type == "room":
			publisher.Room(frame.Order.URL, frame.Order.Token)
		case frame.Order.Type == "record":
			recorder.Order(*frame.Order)
		default:
			publisher.Order(*frame.Order)
		}
	}
}

func logger(w io.Writer) func(string) {
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintln(w, line)
	}
}
