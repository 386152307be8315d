/** What an export format is: a list of tasks that write files. */
import type { ExportFile, TaskFiles } from './exportFolder.ts';
import type { ExportSource } from './source/exportSource.ts';

/** What the data are wanted for: a participant whose consent does not cover it is left out. */
export type Use = 'analysis' | 'sharing' | 'publication';

export interface ExportOptions {
  use: Use;
  /** Only these streams; null: all. */
  streams: string[] | null;
  /** Sound: samples a second, and one channel instead of those recorded. */
  rateHz: number;
  mono: boolean;
  /** Video: every frame at a whole multiple of the frame time, made by ffmpeg, instead of copied at its exact time. */
  constantRate: boolean;
  /** Grid and clip: session nanoseconds; null: the session's beginning or end. */
  fromNs: bigint | null;
  toNs: bigint | null;
  /** Clip: the formats that are cut. */
  clipFormats: string[];
  /** Grid: time and markers in the picture. */
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
  /** Files that earlier tasks finished. */
  files: () => readonly ExportFile[];
}

export interface ExportTask {
  /** Unique within the export and the same each time: a finished task is not done again after a crash. */
  name: string;
  /** Its share of the whole work: about the bytes that it reads. */
  weight: number;
  /** @param progress of this task, 0 to 1. */
  run(files: TaskFiles, progress: (fraction: number) => void): Promise<void> | void;
}

export interface ExportFormat {
  name: string;
  /** One line for help and documentation. */
  about: string;
  /** How exact a time is in this format, for the manifest. */
  rounding: string;
  tasks(context: ExportContext): ExportTask[] | Promise<ExportTask[]>;
}
