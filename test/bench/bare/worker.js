// Encodes each camera as the product does and discards the packets. See ../bareEncoding.ts.
let encoded = 0;
setInterval(() => postMessage(encoded), 100);

addEventListener('message', async ({ data: readable }) => {
  const encoder = new VideoEncoder({
    output: () => {
      encoded += 1;
    },
    error: (error) => {
      throw error;
    },
  });
  encoder.configure({
    codec: 'avc1.4d001f',
    width: 1280,
    height: 720,
    bitrate: 2_000_000,
    framerate: 30,
    latencyMode: 'realtime',
    hardwareAcceleration: 'prefer-software',
    avc: { format: 'avc' },
  });
  let keyUs = Number.NEGATIVE_INFINITY;
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const keyFrame = next.value.timestamp - keyUs >= 1_950_000;
    if (keyFrame) keyUs = next.value.timestamp;
    encoder.encode(next.value, { keyFrame });
    next.value.close();
  }
});
