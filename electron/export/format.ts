/** An export format is a list of tasks that write files. */
import type { ExportFile, TaskFiles } from './exportFolder.ts';
import type { ExportSource } from './source/exportSource.ts';

/** The intended use of the data: participants whose consent does not cover it are left out. */
export type Use = 'analysis' | 'sharing' | 'publication';

export interface ExportOptions {
  use: Use;
  /** Only these streams; null: all. */
  streams: string[] | null;
  /** Sound: sample rate, and one channel instead of the recorded ones. */
  rateHz: number;
  mono: boolean;
  /** Video: re-encode with ffmpeg so that every frame is at a multiple of the frame time, instead of copying each at its exact time. */
  constantRate: boolean;
  /** Clip: session nanoseconds; null: the session's beginning or end. */
  fromNs: bigint | null;
  toNs: bigint | null;
  /** Clip: the formats to cut. */
  clipFormats: string[];
  /** Draw time and markers into the picture. */
  burnIn: boolean;
}

export const DEFAULT_OPTIONS: ExportOptions = {
  use: 'analysis',
  streams: null,
  rateHz: 48_000,
  mono: false,
  constantRate: false,
  fromNs: null,
  toNs: null,
  clipFormats: ['mp4', 'wav', 'csv'],
  burnIn: false,
};

export interface ExportContext {
  source: ExportSource;
  options: ExportOptions;
  signal: AbortSignal;
  /** Files finished by earlier tasks. */
  files: () => readonly ExportFile[];
}

export interface ExportTask {
  /** Unique within the export and the same each time, so that a finished task is not repeated after a crash. */
  name: string;
  /** Its share of the whole work: roughly the bytes it reads. */
  weight: number;
  /** @param progress of this task, 0 to 1. */
  run(files: TaskFiles, progress: (fraction: number) => void): Promise<void> | void;
}

export interface ExportFormat {
  name: string;
  /** One line for help and documentation. */
  about: string;
  /** Precision of times in this format, for the manifest. */
  rounding: string;
  tasks(context: ExportContext): ExportTask[] | Promise<ExportTask[]>;
}
