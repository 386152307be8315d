/** Replaces the publisher and keeps what would be recorded. */
import type { PublisherPort, SampleOut } from '../../devices/host/publisherPort.ts';
import type { SourceState } from '../../electron/common/ingest.ts';
import type { Stream } from '../../electron/common/stream.ts';

export interface RecordedSample {
  arrivedNs: number;
  deviceTime: number | null;
  values: (number | string | null)[];
}

export interface RecordedGap {
  fromNs: number;
  toNs: number | null;
  cause: string;
  lost: number | null;
  detail: string;
}

export interface RecordedStream {
  stream: Stream;
  samples: RecordedSample[];
  gaps: RecordedGap[];
}

export class Recorder implements PublisherPort {
  readonly streams = new Map<string, RecordedStream>();
  readonly states: SourceState[] = [];
  readonly events: { level: string; code: string; message: string }[] = [];

  declare(stream: Stream): SampleOut {
    const kept: RecordedStream = this.streams.get(stream.id) ?? { stream, samples: [], gaps: [] };
    kept.stream = stream;
    this.streams.set(stream.id, kept);
    return {
      samples: (publisherNs, deviceTime, columns) => {
        publisherNs.forEach((arrivedNs, i) => {
          kept.samples.push({
            arrivedNs,
            deviceTime: deviceTime ? (deviceTime[i] as number) : null,
            values: columns.map((column) => column[i] ?? null),
          });
        });
        return true;
      },
      gap: (fromNs, toNs, cause, lost, detail = '') => {
        // As in the engine: a gap with the same start and cause replaces the previous one.
        const before = kept.gaps.find((gap) => gap.fromNs === fromNs && gap.cause === cause);
        if (before) Object.assign(before, { toNs, lost, detail });
        else kept.gaps.push({ fromNs, toNs, cause, lost, detail });
      },
    };
  }

  report(state: SourceState): void {
    this.states.push(state);
  }

  event(level: string, code: string, message: string): void {
    this.events.push({ level, code, message });
  }

  mayPublish(): boolean {
    return true;
  }

  state(source: string): SourceState | undefined {
    return this.states.filter((state) => state.source === source).at(-1);
  }

  /** All sample streams of a source; their names are the source's id plus a suffix. Excludes lines kept as text. */
  of(source: string): RecordedStream[] {
    return [...this.streams.values()].filter(
      ({ stream }) => stream.source === source && stream.id !== `${source}-text`,
    );
  }

  count(source: string): number {
    return this.of(source).reduce((sum, kept) => sum + kept.samples.length, 0);
  }

  gaps(source: string): RecordedGap[] {
    return this.of(source).flatMap((kept) => kept.gaps);
  }
}
