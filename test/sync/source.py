"""The ground truth of the sync bench: a window, a loudspeaker and a sensor, all on this process's monotonic clock.

Window: bit cells that show the time at which they were drawn and the number of the last event, redrawn every few
milliseconds; beside them a field that flashes at each event. Loudspeaker: a chirp at each event, in a PulseAudio sink.
Sensor: a line `counter,microseconds,event` on a pseudo terminal, fifty times a second and at each event.

    source.py --seconds S --events N --seed K --log FILE [--sink NAME]

Prints {"pty": PATH, "window": [x, y, width, height]} when ready, starts when it reads a line, writes one JSON line per
event to the log: event, its time, when the sensor's line was written, when the chirp's first sample was played.
"""
import argparse, ctypes, json, math, os, random, struct, sys, threading, time, tty
from ctypes import byref, c_int, c_ulong, c_uint64, c_uint8, c_uint32, c_void_p

CELL, CELLS = 12, 48
TIME_BITS, EVENT_BITS, CHECK_BITS = 28, 10, 6
RATE = 48_000
BLOCK = RATE // 100
REDRAW_S = 0.005
FLASH_NS = 150_000_000

now = time.monotonic_ns


class Rectangle(ctypes.Structure):
    _fields_ = [("left", ctypes.c_short), ("top", ctypes.c_short), ("width", ctypes.c_ushort), ("height", ctypes.c_ushort)]


class Window:
    """Draws through a pixmap, so that a capture never sees half a frame: one request to the X server is one change."""

    def __init__(self):
        x = self.x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = c_void_p
        for name in ("XRootWindow", "XCreateSimpleWindow", "XCreatePixmap", "XWhitePixel", "XBlackPixel"):
            getattr(x, name).restype = c_ulong
        x.XCreateGC.restype = c_void_p
        self.d = c_void_p(x.XOpenDisplay(None))
        if not self.d.value:
            raise SystemExit("source.py: no display")
        screen = x.XDefaultScreen(self.d)
        self.white, self.black = x.XWhitePixel(self.d, screen), x.XBlackPixel(self.d, screen)
        self.width, self.height = CELL * CELLS, 120
        root = c_ulong(x.XRootWindow(self.d, screen))
        self.w = c_ulong(x.XCreateSimpleWindow(self.d, root, 0, 0, self.width, self.height, 0, c_ulong(0), c_ulong(0)))
        depth = x.XDefaultDepth(self.d, screen)
        self.p = c_ulong(x.XCreatePixmap(self.d, root, self.width, self.height, depth))
        self.gc = c_void_p(x.XCreateGC(self.d, self.p, c_ulong(0), None))
        x.XMapRaised(self.d, self.w)
        x.XSync(self.d, 0)

    def fill(self, on, rectangles):
        self.x.XSetForeground(self.d, self.gc, c_ulong(self.white if on else self.black))
        self.x.XFillRectangles(self.d, self.p, self.gc, (Rectangle * len(rectangles))(*rectangles), len(rectangles))

    def show(self, tenths_ms, event, flash):
        value = (tenths_ms & ((1 << TIME_BITS) - 1)) << EVENT_BITS | (event & ((1 << EVENT_BITS) - 1))
        check = (value % 61 + 1) & ((1 << CHECK_BITS) - 1)
        bits = (1, 0) + tuple((value >> i) & 1 for i in range(TIME_BITS + EVENT_BITS)) + tuple((check >> i) & 1 for i in range(CHECK_BITS)) + (0, 1)
        self.fill(False, [(0, 0, self.width, self.height)])
        lit = [(i * CELL, 0, CELL, 60) for i, bit in enumerate(bits) if bit]
        self.fill(True, lit + [(0, 60, self.width, 60)] if flash else lit)
        self.x.XCopyArea(self.d, self.p, self.w, self.gc, 0, 0, self.width, self.height, 0, 0)
        self.x.XSync(self.d, 0)


class Spec(ctypes.Structure):
    _fields_ = [("format", c_int), ("rate", c_uint32), ("channels", c_uint8)]


class Attributes(ctypes.Structure):
    _fields_ = [(name, c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")]


class Loudspeaker(threading.Thread):
    """Plays continuously. The server's latency, queried after each block, gives the time at which each sample is heard."""

    def __init__(self, sink, chirp):
        super().__init__(daemon=True)
        self.pulse = ctypes.CDLL("libpulse-simple.so.0")
        self.pulse.pa_simple_new.restype = c_void_p
        self.pulse.pa_simple_get_latency.restype = c_uint64
        error = c_int(0)
        none = 0xFFFFFFFF
        attributes = Attributes(none, BLOCK * 2 * 4, 0, BLOCK * 2, none)
        self.stream = c_void_p(self.pulse.pa_simple_new(
            None, b"sync source", 1, sink.encode(), b"chirps", byref(Spec(3, RATE, 1)), None, byref(attributes), byref(error)))
        if not self.stream.value:
            raise SystemExit(f"source.py: PulseAudio refused, error {error.value}")
        self.chirp, self.wanted, self.begun = chirp, [], []
        self.written, self.zero = 0, None
        self.lock = threading.Lock()

    def play(self, at_ns, event):
        with self.lock:
            self.wanted.append((at_ns, event))

    def run(self):
        error = c_int(0)
        while True:
            block = [0.0] * BLOCK
            with self.lock:
                self.mix(block)
            data = struct.pack(f"<{BLOCK}h", *(max(-32767, min(32767, int(v * 24000))) for v in block))
            self.pulse.pa_simple_write(self.stream, data, len(data), byref(error))
            self.written += BLOCK
            latency = self.pulse.pa_simple_get_latency(self.stream, byref(error))
            end = now() + latency * 1000
            zero = end - self.written * 1_000_000_000 // RATE
            # The time of sample 0, smoothed, because single answers jitter.
            self.zero = zero if self.zero is None or self.written < RATE else self.zero + (zero - self.zero) * 0.02

    def mix(self, block):
        if self.zero is None or self.written < RATE // 2:
            return
        first = self.written
        for wish in list(self.wanted):
            start = round((wish[0] - self.zero) * RATE / 1e9)
            if start < first:
                start = first
            if start < first + BLOCK:
                self.wanted.remove(wish)
                self.begun.append([start, wish[1], self.zero + start * 1e9 / RATE])
        for start, _, _ in self.begun:
            for i, value in enumerate(self.chirp):
                at = start + i - first
                if 0 <= at < BLOCK:
                    block[at] += value


class Sensor:
    def __init__(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        tty.setraw(self.master)
        os.set_blocking(self.master, False)
        self.path, self.counter = os.ttyname(self.slave), 0
        # Beats and events come from two threads: write each number once.
        self.lock = threading.Lock()

    def line(self, event):
        with self.lock:
            at = now()
            try:
                os.write(self.master, b"%d,%d,%d\n" % (self.counter, at // 1000, event))
            except BlockingIOError:
                pass
            self.counter += 1
            return at


def chirp():
    """From 1 to 6 kHz in 40 ms: its position can be found to a fraction of a sample, even after a codec."""
    count = RATE * 40 // 1000
    return [math.sin(2 * math.pi * (1000 * t + 5000 / 2 * t * t / 0.04)) * math.sin(math.pi * i / count) ** 0.5
            for i, t in ((i, i / RATE) for i in range(count))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", required=True)
    parser.add_argument("--sink", default="room")
    options = parser.parse_args()
    # Switch threads often: a marker must not wait for a frame.
    sys.setswitchinterval(0.0002)
    chance = random.Random(options.seed)
    window, sensor, speaker = Window(), Sensor(), Loudspeaker(options.sink, chirp())
    window.show(0, 0, False)
    speaker.start()
    print(json.dumps({"pty": sensor.path, "window": [0, 0, window.width, window.height]}), flush=True)
    # The content moves before recording begins, as in a lesson.
    stop = threading.Event()
    state = {"event": 0, "at": -FLASH_NS, "zero": now()}

    def picture():
        while not stop.is_set():
            at = now()
            window.show((at - state["zero"]) // 100_000, state["event"], at - state["at"] < FLASH_NS)
            time.sleep(REDRAW_S)

    def beat():
        while not stop.is_set():
            sensor.line(0)
            time.sleep(0.02)

    for work in (picture, beat):
        threading.Thread(target=work, daemon=True).start()
    sys.stdin.readline()
    begin = now() + 1_000_000_000
    step = options.seconds / options.events
    with open(options.log, "w") as log:
        log.write(json.dumps({"zero_ns": state["zero"], "tick_ns": 100_000}) + "\n")
        for event in range(1, options.events + 1):
            at = begin + int((event - 1 + chance.uniform(0.1, 0.9)) * step * 1e9)
            speaker.play(at, event)
            while now() < at - 2_000_000:
                time.sleep(min(0.05, max(0.0005, (at - 2_000_000 - now()) / 1e9)))
            while now() < at:
                pass
            state["event"], state["at"] = event, now()
            marked = sensor.line(event)
            time.sleep(0.3)
            with speaker.lock:
                heard = [begun for begun in speaker.begun if begun[1] == event]
                speaker.begun = [begun for begun in speaker.begun if begun[1] >= event - 1]
            log.write(json.dumps({"event": event, "at_ns": at, "marked_ns": marked, "heard_ns": heard[0][2] if heard else None}) + "\n")
            log.flush()
    time.sleep(1)
    stop.set()
    time.sleep(0.05)


main()
