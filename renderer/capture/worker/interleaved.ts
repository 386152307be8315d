/** The buffer as interleaved floats with the wanted number of channels: more are averaged, one is doubled. */
export function interleaved(data: AudioData, channels: number): Float32Array<ArrayBuffer> {
  const count = data.numberOfFrames;
  const planes = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(count);
    data.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
  const out = new Float32Array(count * channels);
  if (channels === 1) {
    for (const plane of planes)
      for (let i = 0; i < count; i += 1) out[i] = (out[i] as number) + (plane[i] as number) / planes.length;
    return out;
  }
  for (let channel = 0; channel < channels; channel += 1) {
    const plane = planes[Math.min(channel, planes.length - 1)] as Float32Array;
    for (let i = 0; i < count; i += 1) out[i * channels + channel] = plane[i] as number;
  }
  return out;
}
