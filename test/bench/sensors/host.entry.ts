/** The product's device host without its flood limit, reporting its figures to the parent. */
import process from 'node:process';
import { hostClock } from '../../../devices/clock.ts';
import { DeviceHost } from '../../../devices/host/deviceHost.ts';
import { openSocket } from '../../../devices/host/socket.ts';
import { socketAddress } from '../../../electron/common/doorClient.ts';
import { Publisher } from '../../../electron/common/publisher/publisher.ts';

export interface HostFigures {
  produced: number;
  dropped: number;
  bufferedBytes: number;
  rssBytes: number;
  cpuSeconds: number;
  state: string;
}

process.once('message', (door: { url: string; token: string }) => {
  const clock = hostClock();
  const { url, protocols } = socketAddress(door, '/v1/ingest');
  const streams = new Set<ReturnType<Publisher['declare']>>();
  const publisher = new Publisher({
    connect: () => openSocket(url, protocols),
    epoch: clock.epoch,
    now: clock.now,
    clockResolutionNs: clock.resolutionNs,
    onMessage: (message) => {
      if (message.type === 'welcome' || message.type === 'sources') void host.setSources(message.sources);
    },
    onSession: () => host.sessionChanged(),
    onConnection: () => host.restate(),
  });
  const host = new DeviceHost({
    publisher: {
      declare: (stream) => {
        const published = publisher.declare(stream);
        streams.add(published);
        return published;
      },
      report: (state) => publisher.report(state),
      event: (...event) => publisher.event(...event),
      mayPublish: (source) => publisher.mayPublish(source),
    },
    now: clock.now,
    log: () => undefined,
    floodLimitHz: Number.POSITIVE_INFINITY,
  });
  host.start();
  publisher.open();
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const sum = (key: 'produced' | 'dropped'): number => [...streams].reduce((total, one) => total + one[key], 0);
    const figures: HostFigures = {
      produced: sum('produced'),
      dropped: sum('dropped'),
      bufferedBytes: publisher.bufferedBytes,
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      state: host.states[0]?.state ?? '',
    };
    if (process.connected) process.send?.(figures, undefined, undefined, () => undefined);
  }, 20);
});
process.on('disconnect', () => process.exit(0));
