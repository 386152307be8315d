// Opens the cameras and gives their frames to the worker; nothing else. See ../bareEncoding.ts.
const worker = new Worker('/worker.js');
worker.onmessage = ({ data }) => {
  window.encoded = data;
};

/** @param {readonly string[]} labels the cameras, by a part of their label */
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
