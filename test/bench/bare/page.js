// Opens the cameras and passes their frames to the worker. See ../bareEncoding.ts.
const worker = new Worker('/worker.js');
worker.onmessage = ({ data }) => {
  window.encoded = data;
};

/** @param {readonly string[]} labels parts of the cameras' labels */
window.begin = async (labels) => {
  const first = await navigator.mediaDevices.getUserMedia({ video: true });
  for (const track of first.getTracks()) track.stop();
  const devices = await navigator.mediaDevices.enumerateDevices();
  for (const label of labels) {
    const { deviceId } = devices.find((device) => device.kind === 'videoinput' && device.label.includes(label));
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { deviceId: { exact: deviceId }, width: 1280, height: 720, frameRate: { min: 30 } },
    });
    const { readable } = new MediaStreamTrackProcessor({ track: stream.getVideoTracks()[0] });
    worker.postMessage(readable, [readable]);
  }
};
