import { z } from 'zod';

/** How an error travels through the door, a log or `--json`. */
export interface ErrorReport {
  /** Stable, by area: `device.port-busy`, `store.disk-full`. */
  code: string;
  /** One plain sentence: what is wrong, and where. */
  message: string;
  /** What to do next, one plain sentence; absent when there is nothing to do. */
  nextStep?: string;
  /** The facts behind the sentence; never a secret. */
  data?: Record<string, unknown>;
}

/** `ErrorReport` as it is checked when it arrives. */
export const errorReportSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  nextStep: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});

/** An error meant for people: one sentence, the next step, and a stable code. */
export class FieldroomError extends Error {
  readonly code: string;
  readonly nextStep: string | undefined;
  readonly data: Record<string, unknown>;

  constructor(
    code: string,
    message: string,
    more: { nextStep?: string; data?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'FieldroomError';
    this.code = code;
    this.nextStep = more.nextStep;
    this.data = more.data ?? {};
  }

  toReport(): ErrorReport {
    return reportOf(this);
  }

  static from(report: ErrorReport): FieldroomError {
    return new FieldroomError(report.code, report.message, {
      ...(report.nextStep === undefined ? {} : { nextStep: report.nextStep }),
      ...(report.data === undefined ? {} : { data: report.data }),
    });
  }
}

/** Any thrown value as a report; what is not ours gets the code `internal`. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof FieldroomError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.nextStep === undefined ? {} : { nextStep: error.nextStep }),
      ...(Object.keys(error.data).length === 0 ? {} : { data: error.data }),
    };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
