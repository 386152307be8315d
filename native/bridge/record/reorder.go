package record

import (
	"time"

	"github.com/pion/rtp"
)

const (
	// patience is how long to wait for a missing packet: long enough for a retransmission to arrive.
	patience = 400 * time.Millisecond
	// heldPackets limits the packets held behind a missing one.
	heldPackets = 2000
)

// arrival is a packet with its arrival time on the engine's clock.
type arrival struct {
	packet *rtp.Packet
	ns     int64
	// lost counts the missing packets right before this one.
	lost int64
}

// reorder puts packets into the order of their sequence numbers and drops duplicates.
type reorder struct {
	begun bool
	next  int64
	held  map[int64]arrival
}

// push adds a packet and returns those that are now in order.
func (r *reorder) push(packet *rtp.Packet, ns int64) []arrival {
	if !r.begun {
		r.begun, r.next, r.held = true, int64(packet.SequenceNumber), map[int64]arrival{}
	}
	sequence := r.next + int64(int16(packet.SequenceNumber-uint16(r.next)))
	if sequence < r.next {
		return nil
	}
	if _, twice := r.held[sequence]; twice {
		return nil
	}
	r.held[sequence] = arrival{packet: packet, ns: ns}
	out := r.inOrder(nil, 0)
	if len(out) == 0 && (len(r.held) > heldPackets || r.oldest() < ns-int64(patience)) {
		out = r.skip()
	}
	return out
}

func (r *reorder) inOrder(out []arrival, lost int64) []arrival {
	for {
		next, here := r.held[r.next]
		if !here {
			return out
		}
		delete(r.held, r.next)
		r.next++
		next.lost, lost = lost, 0
		out = append(out, next)
	}
}

// skip gives up on the packets missing before the first held one.
func (r *reorder) skip() []arrival {
	first := int64(-1)
	for sequence := range r.held {
		if first < 0 || sequence < first {
			first = sequence
		}
	}
	lost := first - r.next
	r.next = first
	return r.inOrder(nil, lost)
}

func (r *reorder) oldest() int64 {
	oldest := int64(1<<63 - 1)
	for _, held := range r.held {
		oldest = min(oldest, held.ns)
	}
	return oldest
}
