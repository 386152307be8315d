/** A simulated camera: a moving picture with its frame number in bit cells. For demos, teaching and tests. */
import type { CameraSource } from '../../../electron/common/kit.ts';
import type { OpenTrack } from '../openTrack.ts';
import { CELLS, cellRow, cellsOf } from './bitCells.ts';

export function simulatedCamera(source: CameraSource): OpenTrack {
  const { width, height, frameRate } = source.settings;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new DOMException('no canvas', 'NotReadableError');
  let counter = 0;
  draw(context, width, height, source.label || source.id, counter);
  // Rate 0: a frame is captured on request, so that no drawing is split over two frames.
  const [track] = canvas.captureStream(0).getVideoTracks();
  if (!track) throw new DOMException('no track', 'NotReadableError');
  const startMs = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) * frameRate) / 1000);
    if (due <= counter) return;
    counter = due;
    draw(context, width, height, source.label || source.id, counter);
    (track as CanvasCaptureMediaStreamTrack).requestFrame();
  }, 500 / frameRate);
  const stop = (): void => {
    clearInterval(timer);
    track.stop();
  };
  return { track, device: 'Simulated camera', simulated: true, stop };
}

function draw(context: CanvasRenderingContext2D, width: number, height: number, name: string, counter: number): void {
  context.fillStyle = `hsl(${counter % 360} 40% 35%)`;
  context.fillRect(0, 0, width, height);
  const rowHeight = cellRow(height);
  cellsOf(counter).forEach((on, cell) => {
    context.fillStyle = on ? '#fff' : '#000';
    const left = Math.round((cell * width) / CELLS);
    context.fillRect(left, 0, Math.round(((cell + 1) * width) / CELLS) - left, rowHeight);
  });
  const x = ((counter * 7) % (width + 80)) - 40;
  context.fillStyle = '#fd0';
  context.beginPath();
  context.arc(x, height * 0.65, height / 10, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = '#fff';
  context.font = `${Math.round(height / 10)}px sans-serif`;
  context.fillText(`${name}  ${counter}`, width * 0.04, height * 0.35);
}
